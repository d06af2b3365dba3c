# STCN on DAVIS 2017 and as many clips of unlabelled videos, a folder of frames each, which teach the matching only.
# python tools/dataset_converters/discover_objects.py data/unlabelled --out data/proposals/unlabelled
_base_ = './stcn_resnet50_davis2017_pixel-object.py'
pipeline = _base_.train_pipeline
proposals = dict(type='LoadProposals', root='data/proposals/unlabelled')
unlabelled = dict(
    type='VideoFolderDataset',
    frames_root='data/unlabelled',
    pipeline=[*pipeline[:2], proposals, *pipeline[3:-2], dict(type='PackClip')])
labelled = dict(type='DAVISDataset', data_root=_base_.data_root, year=2017, split='train', pipeline=pipeline)
train_dataloader = dict(
    dataset=dict(_delete_=True, type='MixedVideoDataset', ratio=(1, 1), datasets=[labelled, unlabelled]))
