# A small XMem: the small STCN with a sensory memory, anisotropic keys and a long-term memory. 3.0 M parameters. A frame
# has four times as many elements at stride 8 as at stride 16, so fewer frames are kept whole.
_base_ = './stcn_efficientnet_lite0.py'
model = dict(
    key_encoder=dict(anisotropic=True),
    sensory_channels=32,
    train_memory=dict(reference_frames=3),
    train_cfg=dict(deep_update_prob=0.2),
    test_memory=dict(
        type='LongTermMemory',
        top_k=30,
        max_working_frames=6,
        min_working_frames=3,
        num_prototypes=256,
        max_long_term_elements=2048))
