from .base_vos_metric import BaseVOSMetric, FrameRecord
from .davis_metric import DAVISMetric
from .match_precision import MatchPrecision

__all__ = ['BaseVOSMetric', 'DAVISMetric', 'FrameRecord', 'MatchPrecision']
