from importlib.util import find_spec

default_scope = 'vosreg'
randomness = dict(seed=0)

default_hooks = dict(
    logger=dict(type='LoggerHook', interval=50),
    # Two are kept, since the older one goes before the newer one is written.
    checkpoint=dict(
        type='CheckpointHook', by_epoch=False, interval=1000, max_keep_ckpts=2, backend_args=dict(backend='atomic')),
    iteration_seed=dict(type='IterationSeedHook'),
    versions=dict(type='VersionsHook'),
    visualization=dict(type='ResultVisualizationHook', interval=50))

log_processor = dict(by_epoch=False, window_size=50)

vis_backends = [dict(type='LocalVisBackend')]
if find_spec('tensorboard'):
    vis_backends.append(dict(type='TensorboardVisBackend'))
visualizer = dict(type='Visualizer', vis_backends=vis_backends)

env_cfg = dict(
    cudnn_benchmark=True,
    mp_cfg=dict(mp_start_method='fork', opencv_num_threads=0),
    # Whole videos go to each process, and one that is done waits for the others: NCCL's 10 minutes may be too few.
    dist_cfg=dict(backend='nccl', timeout=3600))

load_from = None
resume = False
