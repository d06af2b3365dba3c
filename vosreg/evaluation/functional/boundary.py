"""Boundary accuracy F."""
import math
from functools import lru_cache
from typing import List, Optional, Tuple

import cv2
import numpy as np

TOLERANCE = 0.008
"""How far apart matching boundaries may be, as a fraction of the image diagonal."""


def boundary_accuracy(prediction: np.ndarray,
                      truth: np.ndarray,
                      void: Optional[np.ndarray] = None,
                      radius: Optional[int] = None) -> float:
    """F measure of the boundaries of two masks of one object (Perazzi et al., CVPR 2016, section 5.1).

    A boundary pixel is matched if a pixel of the other boundary is at most ``radius`` away. Precision is the matched
    share of the predicted boundary, recall that of the true one, F their harmonic mean.

    Args:
        prediction: Predicted mask, bool [H, W].
        truth: True mask, bool [H, W].
        void: Pixels where both masks are taken as background, bool [H, W].
        radius: Tolerance in pixels; by default that of an image of the size of the masks.

    Returns:
        F in [0, 1]; 1 if neither mask has a boundary, 0 if only one has.
    """
    if radius is None:
        radius = boundary_radius(truth.shape)
    if void is not None:
        prediction, truth = np.logical_and(prediction, ~void), np.logical_and(truth, ~void)
    predicted_boundary, true_boundary = boundary_map(prediction), boundary_map(truth)
    predicted_size, true_size = cv2.countNonZero(predicted_boundary), cv2.countNonZero(true_boundary)
    if not predicted_size or not true_size:
        return float(predicted_size == true_size)
    precision = _count_matched(predicted_boundary, true_boundary, radius) / predicted_size
    recall = _count_matched(true_boundary, predicted_boundary, radius) / true_size
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def boundary_map(mask: np.ndarray) -> np.ndarray:
    """Mark the pixels whose value differs from the right, the lower or the lower right neighbour.

    Nothing is compared across the border of the image: the last row looks right only, the last column down only, and
    an object that fills the image has no boundary.

    Args:
        mask: bool [H, W].

    Returns:
        uint8 [H, W], 1 on the boundary.
    """
    # Largest minus smallest value of each 2x2 block. The kernel's anchor puts the pixel at the block's upper left.
    return cv2.morphologyEx(
        mask.astype(np.uint8), cv2.MORPH_GRADIENT, _BLOCK, anchor=(0, 0), borderType=cv2.BORDER_REPLICATE)


def boundary_radius(shape: Tuple[int, int]) -> int:
    """The tolerance in pixels for an image of ``shape`` (H, W): 8 at 480x854."""
    return math.ceil(TOLERANCE * np.linalg.norm(shape))


def _count_matched(boundary: np.ndarray, other: np.ndarray, radius: int) -> int:
    near = np.zeros_like(other)
    for rectangle in _disk_rectangles(radius):
        cv2.bitwise_or(near, cv2.dilate(other, rectangle), near)
    return cv2.countNonZero(cv2.bitwise_and(boundary, near))


@lru_cache(maxsize=16)
def _disk_rectangles(radius: int) -> List[np.ndarray]:
    """The rectangles whose union is the disk of ``radius``: OpenCV dilates with one in two quick passes."""
    half_widths = [math.isqrt(radius**2 - y**2) for y in range(radius + 1)]
    # Of the rows of one width, the rectangle that reaches the farthest holds the others.
    half_heights = dict(zip(half_widths, range(radius + 1)))
    return [np.ones((2 * y + 1, 2 * x + 1), np.uint8) for x, y in half_heights.items()]


_BLOCK = np.ones((2, 2), np.uint8)
