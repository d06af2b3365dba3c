# Stage 2 of STCN, after stage 1: stage 3's data for twice as long.
_base_ = './stcn_resnet50_stage3_davis2017-youtube-vos2019.py'
param_scheduler = dict(milestones=[250000])
train_cfg = dict(max_iters=300000)
