from .attention import CBAM
from .fusers import AttentionFuser, ResidualFuser
from .residual import ResidualBlock, SharedInput
from .sensory import PyramidSensoryUpdate, SensoryUpdate

__all__ = [
    'CBAM', 'AttentionFuser', 'PyramidSensoryUpdate', 'ResidualBlock', 'ResidualFuser', 'SensoryUpdate', 'SharedInput'
]
