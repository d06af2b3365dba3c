from .concat import ConcatVideoDataset
from .davis import DAVISDataset
from .mixed import MixedVideoDataset
from .samplers import ClipSampler, VideoSampler
from .static_images import SegmentationImageDataset, StaticImageDataset
from .synthetic import SyntheticVOS
from .video_dataset import ClipIndex, VideoDataset
from .video_folder import VideoFolderDataset
from .youtube_vos import YouTubeVOSDataset

__all__ = [
    'ClipIndex', 'ClipSampler', 'ConcatVideoDataset', 'DAVISDataset', 'MixedVideoDataset',
    'SegmentationImageDataset', 'StaticImageDataset', 'SyntheticVOS', 'VideoDataset', 'VideoFolderDataset',
    'VideoSampler', 'YouTubeVOSDataset'
]
