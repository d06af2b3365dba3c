# The correspondence paper's released code, on DAVIS 2017 alone: its network, the recipe of its stage 3, its losses on a
# key projection of their own.
_base_ = [
    '../_base_/models/corr_resnet50_pixel.py', '../_base_/datasets/davis2017.py', '../_base_/schedules/corr_150k.py',
    '../_base_/default_runtime.py'
]
train_dataloader = dict(batch_size=8)
default_hooks = dict(checkpoint=dict(interval=5000, save_best='davis/J&F-Mean', rule='greater'))
