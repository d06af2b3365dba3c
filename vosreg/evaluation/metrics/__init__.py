from .base_vos_metric import BaseVOSMetric, FrameRecord
from .davis_metric import DAVISMetric

__all__ = ['BaseVOSMetric', 'DAVISMetric', 'FrameRecord']
