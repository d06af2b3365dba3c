# Stage 0 of XMem: three views of one image and one object, for a value encoder that sees the own mask only. The next
# stage takes its checkpoint by load_from and adds the channel of the other masks by itself.
_base_ = [
    '../_base_/models/xmem_resnet50.py', '../_base_/datasets/static_images.py', '../_base_/schedules/xmem_100k.py',
    '../_base_/default_runtime.py'
]
model = dict(
    value_encoder=dict(see_others=False),
    losses=[
        dict(type='BootstrappedCrossEntropy', start=20000, end=70000, final_share=0.15),
        dict(type='DiceLoss', slots=1)
    ],
    train_memory=dict(reference_frames=2))
param_scheduler = None
train_cfg = dict(max_iters=150000)
custom_hooks = None
auto_scale_lr = dict(base_batch_size=16)
