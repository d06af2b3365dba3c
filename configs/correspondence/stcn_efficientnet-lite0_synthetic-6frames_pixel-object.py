# Second stage of the model that ships with vosreg: larger crops of clips of six frames that lie further apart, so that
# the model learns to live with its own earlier masks. `make model` trains both; this one begins with
#   --cfg-options load_from=work_dirs/stcn_efficientnet-lite0_synthetic-3frames_pixel-object/iter_2400.pth
_base_ = './stcn_efficientnet-lite0_synthetic-3frames_pixel-object.py'
max_iters = 1200
model = dict(
    losses=[dict(type='BootstrappedCrossEntropy', start=0, end=1, final_share=0.3), dict(type='DiceLoss')],
    correspondence=[dict(type='PixelCorrespondence'), dict(type='ObjectCorrespondence')])
train_pipeline = [
    dict(type='SampleNearbyFrames', num_frames=6, max_skip=8),
    *_base_.train_pipeline[1:3],
    dict(type='RandomResizedCrop', size=256, scale=(0.3, 1), ratio=(3 / 4, 4 / 3)),
    *_base_.train_pipeline[4:],
]
train_dataloader = dict(
    batch_size=2, dataset=dict(num_videos=10000, num_frames=48, num_objects=(1, 5), seed=1, pipeline=train_pipeline))
optim_wrapper = dict(optimizer=dict(lr=2e-4))
param_scheduler = [
    dict(type='LinearLR', by_epoch=False, start_factor=0.1, begin=0, end=50),
    dict(type='CosineAnnealingLR', by_epoch=False, begin=50, end=max_iters, eta_min=2e-6),
]
train_cfg = dict(max_iters=max_iters, val_interval=max_iters)
