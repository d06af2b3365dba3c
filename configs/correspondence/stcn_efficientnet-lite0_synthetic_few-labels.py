# 30 labelled videos; as many clips of others, without labels, teach the matching only.
_base_ = './stcn_efficientnet-lite0_synthetic_pixel-object.py'
pipeline = _base_.train_pipeline
unlabelled_pipeline = [*pipeline[:5], dict(type='DropAnnotations'), *pipeline[5:8], dict(type='PackClip')]
videos = dict(type='SyntheticVOS', split='train', num_frames=24)
train_dataloader = dict(
    dataset=dict(
        _delete_=True,
        type='MixedVideoDataset',
        ratio=(1, 1),
        datasets=[
            dict(videos, num_videos=30, pipeline=pipeline),
            dict(videos, num_videos=4000, pipeline=unlabelled_pipeline)
        ]))
