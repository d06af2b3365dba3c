from . import backbones, encoders, heads, layers, losses, memory_banks
from .data_preprocessor import VOSDataPreprocessor
from .segmentors import MatchingVOS, VideoStream

__all__ = [
    'MatchingVOS', 'VOSDataPreprocessor', 'VideoStream', 'backbones', 'encoders', 'heads', 'layers', 'losses',
    'memory_banks'
]
