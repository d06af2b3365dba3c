# Stage 2 of the correspondence paper's code, after stage 1: stage 3's data in smaller batches for twice as long.
_base_ = './corr_resnet50_stage3_davis2017-youtube-vos2019.py'
train_dataloader = dict(batch_size=4)
param_scheduler = dict(milestones=[250000])
train_cfg = dict(max_iters=300000)
auto_scale_lr = dict(base_batch_size=8)
