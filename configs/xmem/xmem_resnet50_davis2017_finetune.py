# The last 10,000 iterations of XMem: frames are neither turned nor sheared, and lie close together.
# The cross entropy stays with the hardest pixels, at which the training before ended.
#   python tools/train.py CONFIG --cfg-options load_from=work_dirs/xmem_resnet50_davis2017/iter_100000.pth
_base_ = './xmem_resnet50_davis2017.py'
model = dict(losses=[dict(_base_.model.losses[0], start=0, end=0), *_base_.model.losses[1:]])
train_pipeline = [*_base_.train_pipeline[:4], *_base_.train_pipeline[5:]]
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
optim_wrapper = dict(optimizer=dict(lr=1e-6))
param_scheduler = None
train_cfg = dict(max_iters=10000, val_interval=1000)
custom_hooks = [dict(type='FrameGapCurriculumHook', fractions=(0, ), max_skips=(5, ))]
default_hooks = dict(checkpoint=dict(interval=1000))
