# The first mask, unchanged, in every frame of test-dev:
#   python tools/test.py CONFIG --out masks --zip submission.zip
_base_ = ['../_base_/datasets/davis2017_test-dev.py', '../_base_/default_runtime.py']
model = dict(type='CopyFirstMask')
