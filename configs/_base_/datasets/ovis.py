# OVIS as video object segmentation: its training videos, with masks by tools/dataset_converters/tracks_to_masks.py.
_base_ = './davis2017.py'
data_root = 'data/OVIS'

train_dataloader = dict(
    dataset=dict(
        _delete_=True,
        type='VideoFolderDataset',
        frames_root=f'{data_root}/train',
        masks_root=f'{data_root}/masks/train',
        annotations_root=f'{data_root}/masks/train',
        videos=f'{data_root}/masks/train.txt',
        pipeline=_base_.train_pipeline))
