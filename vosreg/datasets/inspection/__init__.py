from .findings import KINDS, Finding, Report
from .image_pairs import ImageFolder
from .trees import find_images, find_videos, find_work
from .video_files import VideoFiles

__all__ = ['Finding', 'ImageFolder', 'KINDS', 'Report', 'VideoFiles', 'find_images', 'find_videos', 'find_work']
