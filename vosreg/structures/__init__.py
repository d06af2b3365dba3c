from .clip_views import ClipViews, SecondView
from .frame_features import FeatureSpec, FrameFeatures
from .matches import KeyGrid, Matches
from .vos_data_sample import VOSDataSample
from .wanted_results import WantedResults

__all__ = [
    'ClipViews', 'FeatureSpec', 'FrameFeatures', 'KeyGrid', 'Matches', 'SecondView', 'VOSDataSample', 'WantedResults'
]
