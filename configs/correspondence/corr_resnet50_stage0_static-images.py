# Stage 0 of the correspondence paper's code: three views of one image and one object, for a value encoder that sees the
# own mask only. The next stage takes its checkpoint by load_from and adds the channel of the other masks by itself.
_base_ = [
    '../_base_/models/corr_resnet50_pixel.py', '../_base_/datasets/static_images.py',
    '../_base_/schedules/corr_150k.py', '../_base_/default_runtime.py'
]
model = dict(value_encoder=dict(see_others=False))
param_scheduler = dict(milestones=[250000])
train_cfg = dict(max_iters=300000)
custom_hooks = None
