from .atomic import abandoned_paths, atomic_path
from .background import BackgroundWriter
from .images import UnreadableImageError, read_cutout, read_image, read_mask, write_image, write_mask
from .index_masks import LARGEST_ID, VOID_ID, object_ids
from .names import natural_key, read_lines, read_names
from .palette import DAVIS_PALETTE, voc_palette
from .run_lengths import decode_mask, encode_mask
from .scores import read_scores, write_scores
from .video import UnreadableVideoError, VideoWriter, probe_video, read_video, write_video

__all__ = [
    'BackgroundWriter', 'DAVIS_PALETTE', 'LARGEST_ID', 'UnreadableImageError', 'UnreadableVideoError', 'VOID_ID',
    'VideoWriter', 'abandoned_paths', 'atomic_path', 'decode_mask', 'encode_mask', 'natural_key', 'object_ids',
    'probe_video', 'read_cutout', 'read_image', 'read_lines', 'read_mask', 'read_names', 'read_scores', 'read_video',
    'voc_palette', 'write_image', 'write_mask', 'write_scores', 'write_video'
]
