# STCN, stage 2, its matching key also trained by pixel-level correspondence.
_base_ = '../stcn/stcn_resnet50_stage2_davis2017-youtube-vos2019.py'
model = dict(
    correspondence=[dict(type='PixelCorrespondence', schedule=dict(type='LinearRamp', start=30000, end=90000))])
