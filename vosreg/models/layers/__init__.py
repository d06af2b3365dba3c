from .attention import CBAM
from .fusers import AttentionFuser, ResidualFuser
from .residual import ResidualBlock

__all__ = ['CBAM', 'AttentionFuser', 'ResidualBlock', 'ResidualFuser']
