# XMem on DAVIS 2017 test-dev: for testing only.
_base_ = [
    '../_base_/models/xmem_resnet50.py', '../_base_/datasets/davis2017_test-dev.py',
    '../_base_/default_runtime.py'
]
