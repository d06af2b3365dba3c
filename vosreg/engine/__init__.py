from .atomic_backend import AtomicBackend
from .autocast_optim_wrapper import AutocastOptimWrapper
from .checkpoints import CheckpointError, load_weights
from .config import ConfigError, embedded_config, find_config, load_config, require
from .device import default_device
from .distributed import launched
from .expected_errors import expected_errors
from .hooks import FrameGapCurriculumHook, IterationSeedHook, ResultVisualizationHook, SaveScoresHook, VersionsHook
from .model_building import build_for_inference
from .strict_runner import StrictRunner

__all__ = [
    'AtomicBackend', 'AutocastOptimWrapper', 'CheckpointError', 'ConfigError', 'FrameGapCurriculumHook',
    'IterationSeedHook', 'ResultVisualizationHook', 'SaveScoresHook', 'StrictRunner', 'VersionsHook',
    'build_for_inference', 'default_device', 'embedded_config', 'expected_errors', 'find_config', 'launched',
    'load_config', 'load_weights', 'require'
]
