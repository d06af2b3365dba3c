# BURST: masks by tools/dataset_converters/tracks_to_masks.py; each object of val is given where it appears.
_base_ = './mose.py'
data_root = 'data/BURST'

train_dataloader = dict(
    dataset=dict(
        frames_root=f'{data_root}/frames/train',
        masks_root=f'{data_root}/masks/train',
        annotations_root=f'{data_root}/masks/train',
        videos=f'{data_root}/masks/train.txt'))
val_dataloader = dict(
    dataset=dict(
        frames_root=f'{data_root}/frames/val',
        masks_root=f'{data_root}/masks/val',
        annotations_root=f'{data_root}/masks/val',
        videos=f'{data_root}/masks/val.txt',
        given='first'))
val_evaluator = dict(prefix='burst')

test_dataloader = val_dataloader
test_evaluator = val_evaluator
