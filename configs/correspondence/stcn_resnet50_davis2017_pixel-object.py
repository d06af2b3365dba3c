# STCN, its matching key also trained by pixel-level and object-level correspondence.
_base_ = './stcn_resnet50_davis2017_object.py'
schedule = dict(type='LinearRamp', start=30000, end=90000)
model = dict(
    correspondence=[
        dict(type='PixelCorrespondence', schedule=schedule),
        dict(type='ObjectCorrespondence', schedule=schedule)
    ])
