# STCN on DAVIS 2016 val: for testing only.
_base_ = ['../_base_/models/stcn_resnet50.py', '../_base_/datasets/davis2016.py', '../_base_/default_runtime.py']
