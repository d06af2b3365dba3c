# XMem, its matching key also trained by object-level correspondence. First, discover the objects:
# python tools/dataset_converters/discover_objects.py xmem/xmem_resnet50_davis2017.py --out data/proposals/davis2017
_base_ = './xmem_resnet50_davis2017.py'
model = dict(
    correspondence=[dict(type='ObjectCorrespondence', schedule=dict(type='LinearRamp', start=20000, end=60000))])
train_pipeline = [
    *_base_.train_pipeline[:2], dict(type='LoadProposals', root='data/proposals/davis2017'),
    *_base_.train_pipeline[2:]
]
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
