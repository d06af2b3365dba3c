_base_ = [
    '../_base_/models/stcn_resnet50.py', '../_base_/datasets/davis2017.py', '../_base_/schedules/stcn_150k.py',
    '../_base_/default_runtime.py'
]
default_hooks = dict(checkpoint=dict(interval=5000, save_best='davis/J&F-Mean', rule='greater'))
