# LVOS: the tree of MOSE; the masks of valid show every object, and each is given where it appears.
_base_ = './mose.py'
data_root = 'data/LVOS'

train_dataloader = dict(
    dataset=dict(
        frames_root=f'{data_root}/train/JPEGImages',
        masks_root=f'{data_root}/train/Annotations',
        annotations_root=f'{data_root}/train/Annotations'))
val_dataloader = dict(
    dataset=dict(
        frames_root=f'{data_root}/valid/JPEGImages',
        masks_root=f'{data_root}/valid/Annotations',
        annotations_root=f'{data_root}/valid/Annotations',
        given='first'))
val_evaluator = dict(stability=True, prefix='lvos')

test_dataloader = val_dataloader
test_evaluator = val_evaluator
