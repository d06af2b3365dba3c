# XMem, stage 2, its matching key also trained by pixel-level correspondence.
_base_ = './xmem_resnet50_stage2_davis2017-youtube-vos2019.py'
model = dict(
    correspondence=[dict(type='PixelCorrespondence', schedule=dict(type='LinearRamp', start=20000, end=60000))])
