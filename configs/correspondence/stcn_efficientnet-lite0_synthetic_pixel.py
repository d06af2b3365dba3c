# The small STCN, its matching key also trained by pixel-level correspondence. It has its full weight from the first
# iteration on: in a schedule this short that gives more than a ramp.
_base_ = '../stcn/stcn_efficientnet-lite0_synthetic.py'
model = dict(correspondence=[dict(type='PixelCorrespondence')])
