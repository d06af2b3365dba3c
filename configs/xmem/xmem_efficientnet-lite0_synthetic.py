# A small XMem on rendered clips, for a machine without a data set and without a GPU. Begin with three frames:
#   python tools/train.py configs/xmem/xmem_efficientnet-lite0_synthetic_3frames.py
#   python tools/train.py configs/xmem/xmem_efficientnet-lite0_synthetic.py \
#       --cfg-options load_from=work_dirs/xmem_efficientnet-lite0_synthetic_3frames/iter_600.pth
_base_ = [
    '../_base_/models/xmem_efficientnet_lite0.py', '../_base_/datasets/synthetic.py',
    '../_base_/schedules/adamw_600.py', '../_base_/default_runtime.py'
]
train_pipeline = [dict(type='SampleNearbyFrames', num_frames=8, max_skip=4), *_base_.train_pipeline[1:]]
train_dataloader = dict(batch_size=2, dataset=dict(pipeline=train_pipeline))
default_hooks = dict(
    logger=dict(interval=20), checkpoint=dict(interval=200, save_best='davis/J&F-Mean', rule='greater'))
