# A stage to go on with from the model that ships, which has not had it: backdrops and figures from photographs, beside
# the rendered ones. It needs them in data/photographs, from tools/dataset_converters/fetch_photographs.py, and begins
# with --cfg-options load_from=CHECKPOINT; average what comes out with what it began with, as `make model` does.
_base_ = './stcn_efficientnet-lite0_synthetic-6frames-shadows_pixel-object.py'
max_iters = 1200
train_pipeline = [
    *_base_.train_pipeline[:3],
    dict(type='RandomResizedCrop', size=256, scale=(0.2, 1), ratio=(3 / 4, 4 / 3)),
    *_base_.train_pipeline[4:],
]
train_dataloader = dict(dataset=dict(pictures='data/photographs', seed=6, pipeline=train_pipeline))
param_scheduler = [
    dict(type='LinearLR', by_epoch=False, start_factor=0.1, begin=0, end=50),
    dict(type='CosineAnnealingLR', by_epoch=False, begin=50, end=max_iters, eta_min=2e-6),
]
train_cfg = dict(max_iters=max_iters, val_interval=max_iters)
