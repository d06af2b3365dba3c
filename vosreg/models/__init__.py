from . import backbones, correspondence, encoders, heads, layers, losses, memory_banks
from .data_preprocessor import VOSDataPreprocessor
from .second_view import RandomSecondView
from .segmentors import CopyFirstMask, MatchingVOS, VideoStream

__all__ = [
    'CopyFirstMask', 'MatchingVOS', 'RandomSecondView', 'VOSDataPreprocessor', 'VideoStream', 'backbones',
    'correspondence', 'encoders', 'heads', 'layers', 'losses', 'memory_banks'
]
