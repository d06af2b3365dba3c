"""What the values of an index mask stand for: 0 is background, 1 to 254 are objects, 255 is void."""
from typing import Tuple

import numpy as np

VOID_ID = 255
"""The id of the pixels that annotators left undecided."""
LARGEST_ID = VOID_ID - 1
"""The largest id that an object can have."""


def object_ids(mask: np.ndarray) -> Tuple[int, ...]:
    """The ids of the objects in an index mask, uint8 [H, W], ascending, without background and void."""
    counts = np.bincount(mask.ravel(), minlength=VOID_ID)
    return tuple((np.flatnonzero(counts[1:VOID_ID]) + 1).tolist())
