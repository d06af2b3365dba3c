# STCN on DAVIS 2017 test-dev, remembering every third frame: for testing only.
_base_ = [
    '../_base_/models/stcn_resnet50.py', '../_base_/datasets/davis2017_test-dev.py',
    '../_base_/default_runtime.py'
]
model = dict(test_cfg=dict(mem_every=3))
