# The main stage of STCN (stage 3: after the static images).
optim_wrapper = dict(type='AutocastOptimWrapper', optimizer=dict(type='Adam', lr=1e-5, weight_decay=1e-7))
param_scheduler = dict(type='MultiStepLR', by_epoch=False, milestones=[125000], gamma=0.1)
train_cfg = dict(type='IterBasedTrainLoop', max_iters=150000, val_interval=5000)
custom_hooks = [
    dict(type='FrameGapCurriculumHook', fractions=(0, 0.1, 0.2, 0.3, 0.4, 0.9), max_skips=(5, 10, 15, 20, 25, 5))
]
auto_scale_lr = dict(base_batch_size=8)
