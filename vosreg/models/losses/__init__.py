from .bootstrapped_cross_entropy import BootstrappedCrossEntropy
from .dice import DiceLoss

__all__ = ['BootstrappedCrossEntropy', 'DiceLoss']
