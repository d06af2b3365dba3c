from .correspondence_loss import CorrespondenceLoss
from .pixel import PixelCorrespondence
from .schedules import LinearRamp

__all__ = ['CorrespondenceLoss', 'LinearRamp', 'PixelCorrespondence']
