from .davis import DAVISDataset
from .mixed import MixedVideoDataset
from .samplers import ClipSampler, VideoSampler
from .synthetic import SyntheticVOS
from .video_dataset import ClipIndex, VideoDataset
from .video_folder import VideoFolderDataset
from .youtube_vos import YouTubeVOSDataset

__all__ = [
    'ClipIndex', 'ClipSampler', 'DAVISDataset', 'MixedVideoDataset', 'SyntheticVOS', 'VideoDataset',
    'VideoFolderDataset', 'VideoSampler', 'YouTubeVOSDataset'
]
