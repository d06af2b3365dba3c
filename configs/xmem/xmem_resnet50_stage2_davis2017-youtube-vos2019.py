# Stage 2 of XMem, after stage 1: stage 3's data for half as long again; the fine-tuning comes after.
_base_ = './xmem_resnet50_stage3_davis2017-youtube-vos2019.py'
param_scheduler = dict(milestones=[120000])
train_cfg = dict(max_iters=150000)
