from .atomic import atomic_path
from .images import UnreadableImageError, read_image, read_mask, write_image, write_mask
from .palette import DAVIS_PALETTE, voc_palette

__all__ = [
    'DAVIS_PALETTE', 'UnreadableImageError', 'atomic_path', 'read_image', 'read_mask', 'voc_palette', 'write_image',
    'write_mask'
]
