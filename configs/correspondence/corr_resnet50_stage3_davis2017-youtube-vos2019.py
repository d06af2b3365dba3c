# Stage 3 of the correspondence paper's code, after stage 0: DAVIS 2017, not repeated as in STCN, and YouTube-VOS 2019.
_base_ = [
    '../_base_/models/corr_resnet50_pixel.py', '../_base_/datasets/davis2017_youtube_vos2019.py',
    '../_base_/schedules/corr_150k.py', '../_base_/default_runtime.py'
]
train_dataloader = dict(batch_size=8, dataset=dict(repeats=(1, 1)))
default_hooks = dict(checkpoint=dict(interval=5000, save_best='davis/J&F-Mean', rule='greater'))
