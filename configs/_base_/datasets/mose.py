# MOSE: trained with the clips of DAVIS; the masks of valid are those of the first frames.
_base_ = './davis2017.py'
data_root = 'data/MOSE'

train_dataloader = dict(
    dataset=dict(
        _delete_=True,
        type='VideoFolderDataset',
        frames_root=f'{data_root}/train/JPEGImages',
        masks_root=f'{data_root}/train/Annotations',
        annotations_root=f'{data_root}/train/Annotations',
        pipeline=_base_.train_pipeline))
val_dataloader = dict(
    dataset=dict(
        _delete_=True,
        type='VideoFolderDataset',
        frames_root=f'{data_root}/valid/JPEGImages',
        masks_root=f'{data_root}/valid/Annotations',
        test_mode=True,
        pipeline=[dict(type='LoadFrame'), dict(type='ResizeShortSide', size=480), dict(type='PackFrame')]))
val_evaluator = dict(_delete_=True, type='YouTubeVOSMetric', seen_categories=None, prefix='mose')

test_dataloader = val_dataloader
test_evaluator = val_evaluator
