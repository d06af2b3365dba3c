from .matching_vos import MatchingVOS
from .video_stream import VideoStream

__all__ = ['MatchingVOS', 'VideoStream']
