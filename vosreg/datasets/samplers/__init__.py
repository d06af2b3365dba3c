from .clip_sampler import ClipSampler
from .video_sampler import VideoSampler, deal_videos

__all__ = ['ClipSampler', 'VideoSampler', 'deal_videos']
