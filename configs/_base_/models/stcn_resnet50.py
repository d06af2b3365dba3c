# STCN (Cheng, Tai, Tang: Rethinking Space-Time Networks with Improved Memory Coverage, NeurIPS 2021)
model = dict(
    type='MatchingVOS',
    key_encoder=dict(
        type='KeyEncoder',
        backbone=dict(type='TIMMBackbone', model_name='resnet50.tv_in1k', strides=(4, 8, 16), pretrained=True),
        key_channels=64,
        context_channels=512),
    value_encoder=dict(
        type='ValueEncoder', backbone=dict(type='TIMMBackbone', model_name='resnet18.tv_in1k', pretrained=True)),
    head=dict(type='ReadoutHead', channels=(512, 256, 256)),
    losses=[dict(type='BootstrappedCrossEntropy', start=20000, end=70000, final_share=0.15)],
    train_memory=dict(type='ClipMemory'),
    test_memory=dict(type='StreamMemory', top_k=20),
    test_cfg=dict(mem_every=5, include_last=False),
    channels_last=True)
