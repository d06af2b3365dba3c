from .geometric import RandomFlip, RandomFrameAffine, RandomResizedCrop, WarpClip
from .loading import LoadClip, LoadFrame
from .packing import PackClip, PackFrame
from .photometric import ColorJitter, RandomGrayscale
from .proposals import DiscoverObjects, LoadProposals
from .rendering import RenderClip, RenderFrame
from .resizing import ResizeShortSide
from .sampling import SampleFrames, SampleNearbyFrames
from .selection import DropAnnotations, DropFaintObjects, SelectObjects
from .still_images import RandomFrameCrop, RandomThinPlateSpline, RandomZoom, RepeatImage

__all__ = [
    'ColorJitter', 'DiscoverObjects', 'DropAnnotations', 'DropFaintObjects', 'LoadClip', 'LoadFrame', 'LoadProposals',
    'PackClip', 'PackFrame', 'RandomFlip', 'RandomFrameAffine', 'RandomFrameCrop', 'RandomGrayscale',
    'RandomResizedCrop', 'RandomThinPlateSpline', 'RandomZoom', 'RenderClip', 'RenderFrame', 'RepeatImage',
    'ResizeShortSide', 'SampleFrames', 'SampleNearbyFrames', 'SelectObjects', 'WarpClip'
]
