# The small STCN, its matching key also trained by pixel-level and object-level correspondence.
_base_ = './stcn_efficientnet-lite0_synthetic_object.py'
model = dict(correspondence=[dict(type='PixelCorrespondence'), dict(type='ObjectCorrespondence')])
