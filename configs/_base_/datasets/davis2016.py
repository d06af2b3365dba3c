# DAVIS 2016, 480p: all objects of a sequence are one.
_base_ = './davis2017.py'

train_dataloader = dict(dataset=dict(year=2016))
val_dataloader = dict(dataset=dict(year=2016))
val_evaluator = dict(binary=True)

test_dataloader = val_dataloader
test_evaluator = val_evaluator
