# Stage 3 of XMem, after stage 0: DAVIS 2017 and YouTube-VOS 2019; the fine-tuning comes after.
_base_ = [
    '../_base_/models/xmem_resnet50.py', '../_base_/datasets/davis2017_youtube_vos2019.py',
    '../_base_/schedules/xmem_100k.py', '../_base_/default_runtime.py'
]
train_pipeline = [
    dict(type='SampleNearbyFrames', num_frames=8, max_skip=15),
    *_base_.train_pipeline[1:5],
    dict(type='WarpClip', fill=(124, 116, 104), interpolation='bilinear'),
    *_base_.train_pipeline[6:9],
    dict(type='SelectObjects', max_objects=3),
    dict(type='PackClip'),
]
davis, youtube_vos = _base_.train_dataloader.dataset.datasets
train_dataloader = dict(
    dataset=dict(datasets=[dict(davis, pipeline=train_pipeline), dict(youtube_vos, pipeline=train_pipeline)]))
default_hooks = dict(checkpoint=dict(interval=5000, save_best='davis/J&F-Mean', rule='greater'))
