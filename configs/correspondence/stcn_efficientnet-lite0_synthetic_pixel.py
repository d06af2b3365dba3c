# The small STCN, its matching key also trained by pixel-level correspondence; the ramp is that of the long schedule,
# scaled.
_base_ = '../stcn/stcn_efficientnet-lite0_synthetic.py'
model = dict(correspondence=[dict(type='PixelCorrespondence', schedule=dict(type='LinearRamp', start=120, end=360))])
