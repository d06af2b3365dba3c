from .readout_head import ReadoutHead

__all__ = ['ReadoutHead']
