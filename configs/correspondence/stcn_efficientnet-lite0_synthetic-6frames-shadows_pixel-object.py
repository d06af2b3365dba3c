# Fourth stage of the model that ships with vosreg: the backbone is trained too, on videos whose figures cast shadows.
# It begins with the mean of stages two and three, and what ships is the mean of that mean and this stage: `make model`.
_base_ = './stcn_efficientnet-lite0_synthetic-6frames_pixel-object.py'
max_iters = 500
model = dict(key_encoder=dict(backbone=dict(frozen=False)), test_cfg=dict(mem_every=3))
train_dataloader = dict(dataset=dict(num_frames=64, num_objects=(1, 6), shadows=0.6, seed=5))
optim_wrapper = dict(paramwise_cfg=dict(custom_keys={'key_encoder.backbone': dict(lr_mult=0.1)}))
param_scheduler = [
    dict(type='LinearLR', by_epoch=False, start_factor=0.1, begin=0, end=50),
    dict(type='CosineAnnealingLR', by_epoch=False, begin=50, end=max_iters, eta_min=2e-6),
]
train_cfg = dict(max_iters=max_iters, val_interval=max_iters)
