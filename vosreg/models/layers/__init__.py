from .attention import CBAM
from .fusers import AttentionFuser, ResidualFuser
from .residual import ResidualBlock
from .sensory import PyramidSensoryUpdate, SensoryUpdate

__all__ = ['CBAM', 'AttentionFuser', 'PyramidSensoryUpdate', 'ResidualBlock', 'ResidualFuser', 'SensoryUpdate']
