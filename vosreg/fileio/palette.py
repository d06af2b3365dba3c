"""The colours that DAVIS and PASCAL VOC give to the object ids 0..255."""
import numpy as np


def voc_palette() -> np.ndarray:
    """The PASCAL VOC colour map, also used by DAVIS and YouTube-VOS.

    The bits of an id are dealt in turn to R, G and B, from the highest bit of each channel downwards.

    Returns:
        uint8 [256, 3], RGB; row 0 is black.
    """
    ids = np.arange(256)
    palette = np.zeros((256, 3), np.uint8)
    for level in range(8):
        for channel in range(3):
            bit = (ids >> (3 * level + channel)) & 1
            palette[:, channel] |= (bit << (7 - level)).astype(np.uint8)
    return palette


DAVIS_PALETTE = tuple(voc_palette().flatten().tolist())
