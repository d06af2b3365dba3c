# What a method must beat: the first mask, unchanged, in every frame. Needs no training and no checkpoint.
_base_ = ['../_base_/datasets/synthetic.py', '../_base_/default_runtime.py']
model = dict(type='CopyFirstMask')
