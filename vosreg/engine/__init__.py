from .atomic_backend import AtomicBackend
from .autocast_optim_wrapper import AutocastOptimWrapper
from .checkpoints import CheckpointError, load_weights
from .config import find_config, load_config
from .distributed import launched
from .hooks import FrameGapCurriculumHook, IterationSeedHook, ResultVisualizationHook, VersionsHook
from .strict_runner import StrictRunner

__all__ = [
    'AtomicBackend', 'AutocastOptimWrapper', 'CheckpointError', 'FrameGapCurriculumHook', 'IterationSeedHook',
    'ResultVisualizationHook', 'StrictRunner', 'VersionsHook', 'find_config', 'launched', 'load_config', 'load_weights'
]
