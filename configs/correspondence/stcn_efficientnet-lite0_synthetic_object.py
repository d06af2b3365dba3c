# The small STCN, its matching key also trained by object-level correspondence of annotated and discovered objects.
_base_ = '../stcn/stcn_efficientnet-lite0_synthetic.py'
model = dict(correspondence=[dict(type='ObjectCorrespondence')])
train_pipeline = [
    *_base_.train_pipeline[:5],
    dict(type='DiscoverObjects', discoverer=dict(type='HierarchicalGrouping', scale=200, max_side=96)),
    *_base_.train_pipeline[5:],
]
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
