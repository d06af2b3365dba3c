# The correspondence paper's network on YouTube-VOS 2018 valid, with all frames: for testing only.
_base_ = [
    '../_base_/models/corr_resnet50.py', '../_base_/datasets/youtube_vos2018_all-frames.py',
    '../_base_/default_runtime.py'
]
