# DAVIS 2017, test-dev, 480p: only the first masks are public, so there are results but no scores. STCN remembers every
# third frame there: model.test_cfg.mem_every=3.
_base_ = './davis2017.py'

test_dataloader = dict(dataset=dict(split='test-dev'))
