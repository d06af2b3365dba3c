from .frame_features import FeatureSpec, FrameFeatures
from .vos_data_sample import VOSDataSample

__all__ = ['FeatureSpec', 'FrameFeatures', 'VOSDataSample']
