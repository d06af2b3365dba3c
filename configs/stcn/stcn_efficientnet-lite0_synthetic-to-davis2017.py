# Trained on rendered clips, tested on DAVIS 2017 at the size on disk.
_base_ = './stcn_efficientnet-lite0_synthetic.py'

test_dataloader = dict(
    dataset=dict(
        _delete_=True,
        type='DAVISDataset',
        data_root='data/DAVIS',
        year=2017,
        split='val',
        test_mode=True,
        pipeline=[dict(type='LoadFrame'), dict(type='PackFrame')]))
