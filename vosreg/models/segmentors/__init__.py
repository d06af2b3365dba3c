from .copy_first_mask import CopyFirstMask
from .matching_vos import MatchingVOS
from .video_stream import VideoStream

__all__ = ['CopyFirstMask', 'MatchingVOS', 'VideoStream']
