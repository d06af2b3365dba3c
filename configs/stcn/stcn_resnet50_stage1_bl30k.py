# Stage 1 of STCN, after stage 0: BL30K.
_base_ = [
    '../_base_/models/stcn_resnet50.py', '../_base_/datasets/bl30k.py', '../_base_/schedules/stcn_150k.py',
    '../_base_/default_runtime.py'
]
param_scheduler = dict(milestones=[400000])
train_cfg = dict(max_iters=500000)
custom_hooks = [
    dict(type='FrameGapCurriculumHook', fractions=(0, 0.1, 0.2, 0.3, 0.4, 0.8), max_skips=(5, 10, 15, 20, 25, 5))
]
default_hooks = dict(checkpoint=dict(interval=5000, save_best='davis/J&F-Mean', rule='greater'))
