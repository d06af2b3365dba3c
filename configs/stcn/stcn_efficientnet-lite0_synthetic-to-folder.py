# Trained on rendered clips, applied to folders of frames: FRAMES/VIDEO/*.jpg with the masks that are known in
# MASKS/VIDEO/*.png (or one mask file, for the first frame). No scores, only results:
#   python tools/test.py CONFIG CHECKPOINT --out masks --show-dir overlays \
#       --cfg-options test_dataloader.dataset.frames_root=FRAMES test_dataloader.dataset.masks_root=MASKS
_base_ = './stcn_efficientnet-lite0_synthetic.py'

test_dataloader = dict(
    dataset=dict(
        _delete_=True,
        type='VideoFolderDataset',
        frames_root='data/frames',
        masks_root='data/masks',
        test_mode=True,
        pipeline=[dict(type='LoadFrame'), dict(type='PackFrame')]))
