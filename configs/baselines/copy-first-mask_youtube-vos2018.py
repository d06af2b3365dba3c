# What a method must beat: the given masks, unchanged, in every later frame. Needs no training and no checkpoint.
_base_ = ['../_base_/datasets/youtube_vos2018.py', '../_base_/default_runtime.py']
model = dict(type='CopyFirstMask')
