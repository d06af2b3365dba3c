# Stage 0 of STCN and XMem: pseudo clips of three frames from static images, one object each. BIG and HRSOD, the copies
# with a short side of 384 pixels, come five times.
data_root = 'data/static'

train_pipeline = [
    dict(type='RepeatImage', num_frames=3),
    dict(type='LoadClip'),
    dict(type='RandomZoom', scale=(0.8, 1.5)),
    dict(type='RandomFlip', prob=0.5),
    dict(type='RandomFrameAffine', rotation=20, shear=10, scale=(0.9, 1.1)),
    dict(type='RandomFrameCrop', size=384),
    dict(type='RandomThinPlateSpline', prob=0.33, num_points=12, scale=0.02),
    dict(type='WarpClip', fill=(124, 116, 104)),
    dict(type='ColorJitter', brightness=0.1, contrast=0.05, saturation=0.05, hue=0.05, scope='clip'),
    dict(type='RandomGrayscale', prob=0.05),
    dict(type='ColorJitter', brightness=0.1, contrast=0.05, saturation=0.05, scope='frame'),
    dict(type='SelectObjects', max_objects=1),
    dict(type='PackClip'),
]

train_dataloader = dict(
    batch_size=8,
    num_workers=4,
    persistent_workers=True,
    sampler=dict(type='ClipSampler'),
    dataset=dict(
        type='ConcatVideoDataset',
        repeats=(1, 1, 1, 1, 5, 5),
        datasets=[
            dict(type='StaticImageDataset', data_root=f'{data_root}/fss', pipeline=train_pipeline),
            dict(type='StaticImageDataset', data_root=f'{data_root}/DUTS-TR', pipeline=train_pipeline),
            dict(type='StaticImageDataset', data_root=f'{data_root}/DUTS-TE', pipeline=train_pipeline),
            dict(type='StaticImageDataset', data_root=f'{data_root}/ecssd', pipeline=train_pipeline),
            dict(type='StaticImageDataset', data_root=f'{data_root}/BIG_small', pipeline=train_pipeline),
            dict(type='StaticImageDataset', data_root=f'{data_root}/HRSOD_small', pipeline=train_pipeline),
        ]))
