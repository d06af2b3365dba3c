from .bootstrapped_cross_entropy import BootstrappedCrossEntropy
from .dice import DiceLoss
from .mask_loss import MaskLoss

__all__ = ['BootstrappedCrossEntropy', 'DiceLoss', 'MaskLoss']
