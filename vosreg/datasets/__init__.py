from .samplers import ClipSampler, VideoSampler
from .video_dataset import ClipIndex, VideoDataset

__all__ = ['ClipIndex', 'ClipSampler', 'VideoDataset', 'VideoSampler']
