# The first stage of the small XMem: clips of three frames, as XMem's stage on static images has them. From random
# weights, long clips mostly show a model its own early mistakes.
_base_ = './xmem_efficientnet-lite0_synthetic.py'
train_pipeline = [dict(type='SampleFrames', num_frames=3, max_skip=6), *_base_.train_pipeline[1:]]
train_dataloader = dict(batch_size=4, dataset=dict(pipeline=train_pipeline))
