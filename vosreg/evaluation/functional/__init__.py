"""The measures of the benchmarks, and of matching, as functions on NumPy arrays."""
from .boundary import boundary_accuracy, boundary_map, boundary_radius
from .entering import EnteringFrame, object_series, without_given
from .frame import FrameScores, check_ids, merge_objects, score_frame, score_objects
from .matching import MatchCounts, count_by_location, count_matches, judge_matches, matching_metrics, tracing_errors
from .proposals import assign_proposals, score_proposals
from .region import region_similarity
from .summary import (
                      METRIC_NAMES,
                      OBJECT_METRIC_NAMES,
                      last_quarter_similarity,
                      quarter_borders,
                      series_statistics,
                      summarize,
)

__all__ = [
    'METRIC_NAMES', 'OBJECT_METRIC_NAMES', 'EnteringFrame', 'FrameScores', 'MatchCounts', 'assign_proposals',
    'boundary_accuracy', 'boundary_map', 'boundary_radius', 'check_ids', 'count_by_location', 'count_matches',
    'judge_matches', 'last_quarter_similarity', 'matching_metrics', 'merge_objects', 'object_series', 'quarter_borders',
    'region_similarity', 'score_frame', 'score_objects', 'score_proposals', 'series_statistics', 'summarize',
    'tracing_errors', 'without_given'
]
