# Stage 1 of STCN and XMem: BL30K, with wider crops and without objects that the first frame hardly shows. Evaluated on
# DAVIS 2017 val.
_base_ = './davis2017.py'
pipeline = _base_.train_pipeline

train_dataloader = dict(
    dataset=dict(
        _delete_=True,
        type='VideoFolderDataset',
        frames_root='data/BL30K/JPEGImages',
        masks_root='data/BL30K/Annotations',
        annotations_root='data/BL30K/Annotations',
        pipeline=[
            *pipeline[:3],
            dict(type='RandomResizedCrop', size=384, scale=(0.25, 1), ratio=(3 / 4, 4 / 3)),
            *pipeline[4:-2],
            dict(type='DropFaintObjects'),
            *pipeline[-2:],
        ]))
