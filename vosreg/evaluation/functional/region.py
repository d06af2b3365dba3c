"""Region similarity J."""
from typing import Optional

import numpy as np


def region_similarity(prediction: np.ndarray, truth: np.ndarray, void: Optional[np.ndarray] = None) -> float:
    """Intersection over union of two masks of one object (Perazzi et al., CVPR 2016, section 5.1).

    Args:
        prediction: Predicted mask, bool [H, W].
        truth: True mask, bool [H, W].
        void: Pixels that count for neither mask, bool [H, W].

    Returns:
        J in [0, 1]; 1 if both masks are empty.
    """
    union = np.logical_or(prediction, truth)
    intersection = np.logical_and(prediction, truth)
    if void is not None:
        union &= ~void
        intersection &= ~void
    size = np.count_nonzero(union)
    return np.count_nonzero(intersection) / size if size else 1.0
