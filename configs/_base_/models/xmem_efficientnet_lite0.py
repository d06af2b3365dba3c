# A small XMem: the small STCN with a sensory memory, anisotropic keys and a long-term memory. 3.0 M parameters.
_base_ = './stcn_efficientnet_lite0.py'
model = dict(
    key_encoder=dict(anisotropic=True),
    sensory_channels=32,
    train_memory=dict(reference_frames=3),
    train_cfg=dict(deep_update_prob=0.2),
    test_memory=dict(type='LongTermMemory', top_k=30))
