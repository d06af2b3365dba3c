"""The measures of the DAVIS benchmark as functions on NumPy masks."""
from .boundary import boundary_accuracy, boundary_map, boundary_radius
from .frame import FrameScores, annotated_ids, merge_objects, score_frame
from .proposals import assign_proposals, score_proposals
from .region import region_similarity
from .summary import METRIC_NAMES, OBJECT_METRIC_NAMES, quarter_borders, series_statistics, summarize

__all__ = [
    'METRIC_NAMES', 'OBJECT_METRIC_NAMES', 'FrameScores', 'annotated_ids', 'assign_proposals', 'boundary_accuracy',
    'boundary_map', 'boundary_radius', 'merge_objects', 'quarter_borders', 'region_similarity', 'score_frame',
    'score_proposals', 'series_statistics', 'summarize'
]
