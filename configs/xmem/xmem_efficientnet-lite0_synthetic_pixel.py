# The small XMem, its matching key also trained by pixel-level correspondence.
_base_ = './xmem_efficientnet-lite0_synthetic.py'
model = dict(correspondence=[dict(type='PixelCorrespondence', schedule=dict(type='LinearRamp', start=120, end=360))])
