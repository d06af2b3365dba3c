from . import backbones, encoders, heads, layers, losses, memory_banks
from .data_preprocessor import VOSDataPreprocessor
from .segmentors import CopyFirstMask, MatchingVOS, VideoStream

__all__ = [
    'CopyFirstMask', 'MatchingVOS', 'VOSDataPreprocessor', 'VideoStream', 'backbones', 'encoders', 'heads', 'layers',
    'losses', 'memory_banks'
]
