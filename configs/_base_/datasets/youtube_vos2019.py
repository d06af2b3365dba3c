# YouTube-VOS 2019: trained on the copy at 480p with the clips of DAVIS, tested on valid.
_base_ = './davis2017.py'
data_root = 'data/YouTubeVOS2019'

train_dataloader = dict(
    dataset=dict(
        _delete_=True,
        type='YouTubeVOSDataset',
        data_root=data_root,
        split='train_480p',
        pipeline=_base_.train_pipeline))
val_dataloader = dict(
    dataset=dict(
        _delete_=True,
        type='YouTubeVOSDataset',
        data_root=data_root,
        split='valid',
        test_mode=True,
        pipeline=[dict(type='LoadFrame'), dict(type='ResizeShortSide', size=480), dict(type='PackFrame')]))
val_evaluator = dict(_delete_=True, type='YouTubeVOSMetric')

test_dataloader = val_dataloader
test_evaluator = val_evaluator
