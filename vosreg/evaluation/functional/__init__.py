"""The measures of the DAVIS benchmark, and of matching, as functions on NumPy arrays."""
from .boundary import boundary_accuracy, boundary_map, boundary_radius
from .frame import FrameScores, annotated_ids, merge_objects, score_frame
from .matching import MatchCounts, count_by_location, count_matches, judge_matches, matching_metrics, tracing_errors
from .proposals import assign_proposals, score_proposals
from .region import region_similarity
from .summary import METRIC_NAMES, OBJECT_METRIC_NAMES, quarter_borders, series_statistics, summarize

__all__ = [
    'METRIC_NAMES', 'OBJECT_METRIC_NAMES', 'FrameScores', 'MatchCounts', 'annotated_ids', 'assign_proposals',
    'boundary_accuracy', 'boundary_map', 'boundary_radius', 'count_by_location', 'count_matches', 'judge_matches',
    'matching_metrics', 'merge_objects', 'quarter_borders', 'region_similarity', 'score_frame', 'score_proposals',
    'series_statistics', 'summarize', 'tracing_errors'
]
