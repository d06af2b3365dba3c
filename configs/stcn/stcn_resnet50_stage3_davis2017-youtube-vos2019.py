# Stage 3 of STCN, after stage 0: DAVIS 2017 and YouTube-VOS 2019.
_base_ = [
    '../_base_/models/stcn_resnet50.py', '../_base_/datasets/davis2017_youtube_vos2019.py',
    '../_base_/schedules/stcn_150k.py', '../_base_/default_runtime.py'
]
default_hooks = dict(checkpoint=dict(interval=5000, save_best='davis/J&F-Mean', rule='greater'))
