"""vosreg: matching-based video object segmentation with space-time correspondence learning, on MMEngine."""
from mmengine.config.utils import MODULE2PACKAGE

from .version import __version__

# MMEngine looks up the packages of ``PACKAGE::config`` here: ``_base_ = 'vosreg::_base_/default_runtime.py'``.
MODULE2PACKAGE['vosreg'] = 'vosreg'

__all__ = ['__version__']
