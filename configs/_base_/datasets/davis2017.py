# DAVIS 2017, 480p: trained on clips of three frames with the augmentation of STCN, evaluated on val.
data_root = 'data/DAVIS'

train_pipeline = [
    dict(type='SampleFrames', num_frames=3, max_skip=25),
    dict(type='LoadClip'),
    dict(type='RandomFlip', prob=0.5),
    dict(type='RandomResizedCrop', size=384, scale=(0.36, 1), ratio=(3 / 4, 4 / 3)),
    dict(type='RandomFrameAffine', rotation=15, shear=10),
    dict(type='WarpClip', fill=(124, 116, 104)),
    dict(type='ColorJitter', brightness=0.1, contrast=0.03, saturation=0.03, scope='clip'),
    dict(type='RandomGrayscale', prob=0.05),
    dict(type='ColorJitter', brightness=0.01, contrast=0.01, saturation=0.01, scope='frame'),
    dict(type='SelectObjects', max_objects=2),
    dict(type='PackClip'),
]
test_pipeline = [dict(type='LoadFrame'), dict(type='PackFrame')]

train_dataloader = dict(
    batch_size=4,
    num_workers=4,
    persistent_workers=True,
    sampler=dict(type='ClipSampler'),
    dataset=dict(type='DAVISDataset', data_root=data_root, year=2017, split='train', pipeline=train_pipeline))
val_dataloader = dict(
    batch_size=1,
    num_workers=2,
    persistent_workers=True,
    sampler=dict(type='VideoSampler'),
    dataset=dict(
        type='DAVISDataset', data_root=data_root, year=2017, split='val', test_mode=True, pipeline=test_pipeline))
val_evaluator = dict(type='DAVISMetric')
val_cfg = dict(type='ValLoop')

test_dataloader = val_dataloader
test_evaluator = val_evaluator
test_cfg = dict(type='TestLoop')
