# The small XMem, its matching key also trained by pixel-level and object-level correspondence.
_base_ = './xmem_efficientnet-lite0_synthetic_object.py'
schedule = dict(type='LinearRamp', start=120, end=360)
model = dict(
    correspondence=[
        dict(type='PixelCorrespondence', schedule=schedule),
        dict(type='ObjectCorrespondence', schedule=schedule)
    ])
