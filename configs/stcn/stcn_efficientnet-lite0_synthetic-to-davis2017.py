# Trained on rendered clips, tested on DAVIS 2017 at 480p; smaller copies are enlarged to that.
_base_ = './stcn_efficientnet-lite0_synthetic.py'

test_dataloader = dict(
    dataset=dict(
        _delete_=True,
        type='DAVISDataset',
        data_root='data/DAVIS',
        year=2017,
        split='val',
        test_mode=True,
        pipeline=[dict(type='LoadFrame'), dict(type='ResizeShortSide', size=480), dict(type='PackFrame')]))
