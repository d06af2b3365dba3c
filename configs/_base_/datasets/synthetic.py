# SyntheticVOS, rendered on the fly: the embedded default that needs no data set.
crop_size = 192

train_pipeline = [
    dict(type='SampleFrames', num_frames=3, max_skip=6),
    dict(type='RenderClip'),
    dict(type='RandomFlip', prob=0.5),
    dict(type='RandomResizedCrop', size=crop_size, scale=(0.5, 1), ratio=(3 / 4, 4 / 3)),
    dict(type='WarpClip', interpolation='bilinear'),
    dict(type='ColorJitter', brightness=0.1, contrast=0.1, saturation=0.1, scope='clip'),
    dict(type='RandomGrayscale', prob=0.05),
    dict(type='SelectObjects', max_objects=3, min_pixels=32),
    dict(type='PackClip'),
]
test_pipeline = [dict(type='RenderFrame'), dict(type='PackFrame')]

train_dataloader = dict(
    batch_size=4,
    num_workers=2,
    persistent_workers=True,
    sampler=dict(type='ClipSampler'),
    dataset=dict(type='SyntheticVOS', split='train', num_videos=4000, num_frames=24, pipeline=train_pipeline))
val_dataloader = dict(
    batch_size=1,
    num_workers=1,
    sampler=dict(type='VideoSampler'),
    dataset=dict(
        type='SyntheticVOS',
        split='val',
        num_videos=8,
        num_frames=24,
        num_objects=(1, 3),
        test_mode=True,
        pipeline=test_pipeline))
val_evaluator = dict(type='DAVISMetric')
val_cfg = dict(type='ValLoop')

test_dataloader = val_dataloader
test_evaluator = val_evaluator
test_cfg = dict(type='TestLoop')
