# XMem, its matching key also trained by pixel-level and object-level correspondence.
_base_ = './xmem_resnet50_davis2017_object.py'
schedule = dict(type='LinearRamp', start=20000, end=60000)
model = dict(
    correspondence=[
        dict(type='PixelCorrespondence', schedule=schedule),
        dict(type='ObjectCorrespondence', schedule=schedule)
    ])
