from .correspondence_loss import CorrespondenceLoss
from .object import ObjectCorrespondence
from .pixel import PixelCorrespondence
from .schedules import LinearRamp

__all__ = ['CorrespondenceLoss', 'LinearRamp', 'ObjectCorrespondence', 'PixelCorrespondence']
