# XMem, stage 0, its matching key also trained by pixel-level correspondence.
_base_ = './xmem_resnet50_stage0_static-images.py'
model = dict(
    correspondence=[dict(type='PixelCorrespondence', schedule=dict(type='LinearRamp', start=20000, end=60000))])
