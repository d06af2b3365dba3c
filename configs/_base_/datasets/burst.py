# BURST: masks by tools/dataset_converters/tracks_to_masks.py; each object of val is given where it appears.
_base_ = './lvos.py'
data_root = 'data/BURST'

train_dataloader = dict(
    dataset=dict(
        frames_root=f'{data_root}/train/JPEGImages',
        masks_root=f'{data_root}/train/Annotations',
        annotations_root=f'{data_root}/train/Annotations'))
val_dataloader = dict(
    dataset=dict(
        frames_root=f'{data_root}/val/JPEGImages',
        masks_root=f'{data_root}/val/Annotations',
        annotations_root=f'{data_root}/val/Annotations'))
test_dataloader = val_dataloader
