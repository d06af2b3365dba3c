# STCN on YouTube-VOS 2019 valid, with all frames: for testing only.
_base_ = [
    '../_base_/models/stcn_resnet50.py', '../_base_/datasets/youtube_vos2019_all-frames.py',
    '../_base_/default_runtime.py'
]
