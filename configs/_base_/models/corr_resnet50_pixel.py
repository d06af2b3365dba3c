# The network of the correspondence paper's code with its loss, on a projection of the key and for the clips of one GPU.
_base_ = './corr_resnet50.py'
model = dict(
    correspondence=[
        dict(
            type='PixelCorrespondence',
            projection_channels=64,
            gather_ranks=False,
            schedule=dict(type='LinearRamp', start=30000, end=90000))
    ])
