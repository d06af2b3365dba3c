# XMem (Cheng, Schwing: XMem: Long-Term Video Object Segmentation with an Atkinson-Shiffrin Memory Model, ECCV 2022)
_base_ = './stcn_resnet50.py'
model = dict(
    key_encoder=dict(context_channels=None, anisotropic=True),
    head=dict(fuser=dict(type='AttentionFuser')),
    sensory_channels=64,
    losses=[
        dict(type='BootstrappedCrossEntropy', start=20000, end=70000, final_share=0.15),
        dict(type='DiceLoss', slots=3)
    ],
    train_memory=dict(reference_frames=3),
    train_cfg=dict(deep_update_prob=0.2),
    test_memory=dict(
        type='LongTermMemory',
        top_k=30,
        max_working_frames=10,
        min_working_frames=5,
        num_prototypes=128,
        max_long_term_elements=10000))
