# The network of the correspondence paper's code (Zhang et al., CVPR 2023): STCN whose head begins with an attention
# fuser and sees the stride-16 map of the key encoder itself.
_base_ = './stcn_resnet50.py'
model = dict(
    key_encoder=dict(context_channels=None),
    head=dict(fuser=dict(type='AttentionFuser')),
    losses=[
        dict(type='BootstrappedCrossEntropy', start=20000, end=70000, final_share=0.15),
        dict(type='DiceLoss', include_background=True, loss_weight=0.4)
    ])
