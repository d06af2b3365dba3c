from .augmented_stream import AugmentedStream, TestView
from .copy_first_mask import CopyFirstMask
from .matching_vos import MatchingVOS
from .video_stream import VideoStream

__all__ = ['AugmentedStream', 'CopyFirstMask', 'MatchingVOS', 'TestView', 'VideoStream']
