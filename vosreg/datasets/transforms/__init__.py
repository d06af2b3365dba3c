from .geometric import RandomFlip, RandomFrameAffine, RandomResizedCrop, WarpClip
from .loading import LoadClip, LoadFrame
from .packing import PackClip, PackFrame
from .photometric import ColorJitter, RandomGrayscale
from .proposals import DiscoverObjects, LoadProposals
from .rendering import RenderClip, RenderFrame
from .resizing import ResizeShortSide
from .sampling import SampleFrames, SampleNearbyFrames
from .selection import DropAnnotations, SelectObjects

__all__ = [
    'ColorJitter', 'DiscoverObjects', 'DropAnnotations', 'LoadClip', 'LoadFrame', 'LoadProposals', 'PackClip',
    'PackFrame', 'RandomFlip', 'RandomFrameAffine', 'RandomGrayscale', 'RandomResizedCrop', 'RenderClip', 'RenderFrame',
    'ResizeShortSide', 'SampleFrames', 'SampleNearbyFrames', 'SelectObjects', 'WarpClip'
]
