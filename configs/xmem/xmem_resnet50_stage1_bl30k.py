# Stage 1 of XMem, after stage 0: BL30K, whose frames are neither turned nor sheared.
_base_ = [
    '../_base_/models/xmem_resnet50.py', '../_base_/datasets/bl30k.py', '../_base_/schedules/xmem_100k.py',
    '../_base_/default_runtime.py'
]
pipeline = _base_.train_dataloader.dataset.pipeline
train_pipeline = [
    dict(type='SampleNearbyFrames', num_frames=8, max_skip=15),
    *pipeline[1:4],
    dict(type='WarpClip', fill=(124, 116, 104), interpolation='bilinear'),
    *pipeline[6:10],
    dict(type='SelectObjects', max_objects=3),
    dict(type='PackClip'),
]
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
param_scheduler = dict(milestones=[200000])
train_cfg = dict(max_iters=250000)
custom_hooks = [dict(type='FrameGapCurriculumHook', fractions=(0, 0.1, 0.3, 0.8), max_skips=(5, 10, 15, 5))]
default_hooks = dict(checkpoint=dict(interval=5000, save_best='davis/J&F-Mean', rule='greater'))
