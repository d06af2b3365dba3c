# Third stage of the model that ships with vosreg: clips of eight frames, more objects, and smaller parts of the frame,
# so that things look as large and as soft as in a small video that is enlarged for inference. It begins with
#   --cfg-options load_from=work_dirs/stcn_efficientnet-lite0_synthetic-6frames_pixel-object/iter_1200.pth
# The next stage begins with the mean of the weights of this one and the one before, see `make model`.
_base_ = './stcn_efficientnet-lite0_synthetic-6frames_pixel-object.py'
max_iters = 1000
model = dict(test_cfg=dict(mem_every=3))
train_pipeline = [
    dict(type='SampleNearbyFrames', num_frames=8, max_skip=8),
    *_base_.train_pipeline[1:3],
    dict(type='RandomResizedCrop', size=256, scale=(0.15, 1), ratio=(3 / 4, 4 / 3)),
    *_base_.train_pipeline[4:8],
    dict(type='SelectObjects', max_objects=4, min_pixels=32),
    dict(type='PackClip'),
]
train_dataloader = dict(dataset=dict(num_frames=64, num_objects=(1, 7), seed=2, pipeline=train_pipeline))
param_scheduler = [
    dict(type='LinearLR', by_epoch=False, start_factor=0.1, begin=0, end=50),
    dict(type='CosineAnnealingLR', by_epoch=False, begin=50, end=max_iters, eta_min=2e-6),
]
train_cfg = dict(max_iters=max_iters, val_interval=max_iters)
