# STCN, stage 0, its matching key also trained by pixel-level correspondence.
_base_ = '../stcn/stcn_resnet50_stage0_static-images.py'
model = dict(
    correspondence=[dict(type='PixelCorrespondence', schedule=dict(type='LinearRamp', start=30000, end=90000))])
