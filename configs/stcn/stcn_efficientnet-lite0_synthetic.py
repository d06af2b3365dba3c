# The embedded default: a small STCN on rendered clips, for a machine without a data set and without a GPU.
_base_ = [
    '../_base_/models/stcn_efficientnet_lite0.py', '../_base_/datasets/synthetic.py',
    '../_base_/schedules/adamw_600.py', '../_base_/default_runtime.py'
]
default_hooks = dict(
    logger=dict(interval=20), checkpoint=dict(interval=200, save_best='davis/J&F-Mean', rule='greater'))
