from .base_vos_metric import BaseVOSMetric, FrameRecord
from .davis_metric import DAVISMetric
from .match_precision import MatchPrecision
from .youtube_vos_metric import YouTubeVOSMetric

__all__ = ['BaseVOSMetric', 'DAVISMetric', 'FrameRecord', 'MatchPrecision', 'YouTubeVOSMetric']
