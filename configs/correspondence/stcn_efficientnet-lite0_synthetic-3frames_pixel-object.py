# First stage of the model that ships with vosreg: clips of three frames, both correspondence losses, four times the
# quickstart's schedule.
_base_ = './stcn_efficientnet-lite0_synthetic_pixel-object.py'
max_iters = 2400
schedule = dict(type='LinearRamp', start=400, end=1200)
model = dict(
    losses=[dict(type='BootstrappedCrossEntropy', start=300, end=1200, final_share=0.3), dict(type='DiceLoss')],
    correspondence=[
        dict(type='PixelCorrespondence', schedule=schedule),
        dict(type='ObjectCorrespondence', schedule=schedule)
    ])
train_dataloader = dict(dataset=dict(num_videos=20000))
param_scheduler = [
    dict(type='LinearLR', by_epoch=False, start_factor=0.1, begin=0, end=50),
    dict(type='CosineAnnealingLR', by_epoch=False, begin=50, end=max_iters, eta_min=4e-6),
]
train_cfg = dict(max_iters=max_iters, val_interval=max_iters)
