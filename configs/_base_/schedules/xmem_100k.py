# The main stage of XMem (stage 3: after the static images), 8 clips an iteration over all GPUs; fine-tuning follows.
optim_wrapper = dict(type='AutocastOptimWrapper', optimizer=dict(type='AdamW', lr=1e-5, weight_decay=0.05))
param_scheduler = dict(type='MultiStepLR', by_epoch=False, milestones=[80000], gamma=0.1)
train_cfg = dict(type='IterBasedTrainLoop', max_iters=100000, val_interval=5000)
custom_hooks = [dict(type='FrameGapCurriculumHook', fractions=(0, 0.1, 0.3, 0.9), max_skips=(5, 10, 15, 5))]
auto_scale_lr = dict(base_batch_size=8)
