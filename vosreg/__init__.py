"""vosreg: matching-based video object segmentation with space-time correspondence learning, on MMEngine."""
from .version import __version__

__all__ = ['__version__']
