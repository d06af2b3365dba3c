# Stage 1 of the correspondence paper's code, after stage 0: BL30K. There it ends with an error for want of a frame gap;
# here it has those of stages 2 and 3.
_base_ = [
    '../_base_/models/corr_resnet50_pixel.py', '../_base_/datasets/bl30k.py',
    '../_base_/schedules/corr_150k.py', '../_base_/default_runtime.py'
]
optim_wrapper = dict(optimizer=dict(lr=1e-5))
param_scheduler = dict(milestones=[400000])
train_cfg = dict(max_iters=500000)
default_hooks = dict(checkpoint=dict(interval=5000, save_best='davis/J&F-Mean', rule='greater'))
auto_scale_lr = dict(base_batch_size=8)
