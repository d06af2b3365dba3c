# XMem, stage 1, its matching key also trained by pixel-level correspondence.
_base_ = './xmem_resnet50_stage1_bl30k.py'
model = dict(
    correspondence=[dict(type='PixelCorrespondence', schedule=dict(type='LinearRamp', start=20000, end=60000))])
