from .heat_maps import draw_heat_maps
from .match_panels import PointMatches, ShownFrame, most_matched_frames
from .matches import draw_matches
from .overlay import overlay_mask
from .query_points import sample_points

__all__ = [
    'PointMatches', 'ShownFrame', 'draw_heat_maps', 'draw_matches', 'most_matched_frames', 'overlay_mask',
    'sample_points'
]
