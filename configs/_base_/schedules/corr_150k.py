# The main stage of the correspondence paper's code (stage 3). Its pretrained encoders learn more slowly than the rest,
# their deeper stages less so.
optim_wrapper = dict(
    type='AutocastOptimWrapper',
    optimizer=dict(type='AdamW', lr=5e-5, weight_decay=1e-7),
    paramwise_cfg=dict(
        custom_keys={
            'key_encoder.backbone': dict(lr_mult=0.2),
            'key_encoder.backbone.model.layer2': dict(lr_mult=0.4),
            'key_encoder.backbone.model.layer3': dict(lr_mult=0.4),
            'value_encoder': dict(lr_mult=0.2),
            'value_encoder.backbone.model.layer2': dict(lr_mult=0.4),
            'value_encoder.backbone.model.layer3': dict(lr_mult=0.4),
        }))
param_scheduler = dict(type='MultiStepLR', by_epoch=False, milestones=[125000], gamma=0.1)
train_cfg = dict(type='IterBasedTrainLoop', max_iters=150000, val_interval=5000)
custom_hooks = [dict(type='FrameGapCurriculumHook', fractions=(0, 0.1, 0.3, 0.8), max_skips=(5, 10, 15, 5))]
auto_scale_lr = dict(base_batch_size=16)
