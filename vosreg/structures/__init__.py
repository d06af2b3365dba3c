from .frame_features import FrameFeatures
from .vos_data_sample import VOSDataSample

__all__ = ['FrameFeatures', 'VOSDataSample']
