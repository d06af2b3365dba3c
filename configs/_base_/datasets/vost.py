# VOST: all videos in one folder, split by lists; the masks of val show every object.
_base_ = './mose.py'
data_root = 'data/VOST'
folders = dict(
    frames_root=f'{data_root}/JPEGImages',
    masks_root=f'{data_root}/Annotations',
    annotations_root=f'{data_root}/Annotations')

train_dataloader = dict(dataset=dict(**folders, videos=f'{data_root}/ImageSets/train.txt'))
val_dataloader = dict(dataset=dict(**folders, videos=f'{data_root}/ImageSets/val.txt', given='first'))
val_evaluator = dict(
    _delete_=True, type='DAVISMetric', annotated_only=True, last_quarter=True, prefix='vost')

test_dataloader = val_dataloader
test_evaluator = val_evaluator
