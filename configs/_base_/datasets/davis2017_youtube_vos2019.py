# The main stages of STCN and XMem: five times DAVIS 2017 and once YouTube-VOS 2019, evaluated on DAVIS 2017 val.
_base_ = './davis2017.py'
youtube_vos_root = 'data/YouTubeVOS2019'

train_dataloader = dict(
    dataset=dict(
        _delete_=True,
        type='ConcatVideoDataset',
        repeats=(5, 1),
        datasets=[
            dict(
                type='DAVISDataset',
                data_root=_base_.data_root,
                year=2017,
                split='train',
                pipeline=_base_.train_pipeline),
            dict(
                type='YouTubeVOSDataset',
                data_root=youtube_vos_root,
                split='train_480p',
                pipeline=_base_.train_pipeline),
        ]))
