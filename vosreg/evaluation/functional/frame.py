"""J and F of all objects of a frame."""
from typing import NamedTuple, Optional, Sequence, Tuple

import cv2
import numpy as np

from vosreg.fileio import VOID_ID

from .boundary import boundary_accuracy, boundary_radius
from .region import region_similarity


class FrameScores(NamedTuple):
    """Scores of the N objects of one frame, by DAVIS 1..N.

    Attributes:
        region: J, float64 [N].
        boundary: F, float64 [N].
    """
    region: np.ndarray
    boundary: np.ndarray


def merge_objects(mask: np.ndarray) -> np.ndarray:
    """Make all objects of an index mask the object 1, for the protocol of DAVIS 2016.

    Every id counts, also 255: the masks of DAVIS 2016 are 0 and 255.
    """
    return (mask > 0).astype(np.uint8)


def score_frame(prediction: np.ndarray, truth: np.ndarray, object_ids: Sequence[int], where: str) -> FrameScores:
    """Score a frame by the semi-supervised protocol of DAVIS 2017.

    The objects are 1..N with N the highest id of the first mask. One that the prediction lacks counts as empty, and
    void pixels of the truth are background.

    Args:
        prediction: Predicted index mask, uint8 [H, W].
        truth: True index mask, uint8 [H, W].
        object_ids: The ids in the first mask of the sequence.
        where: Names the sequence and the frame in errors.

    Returns:
        The scores of the objects 1..N.

    Raises:
        ValueError: The sizes differ, the first mask has no object, or a mask holds an id that the first mask cannot
            have introduced.
    """
    if not object_ids:
        raise ValueError(f'{where}: the first mask of the sequence holds no object, only background (0) or void '
                         '(255); masks of DAVIS 2016, which are 0 and 255, are scored in binary mode')
    num_objects = max(object_ids)
    check_ids(prediction, range(1, num_objects + 1), 'the prediction',
               f'the highest id of the first mask is {num_objects}', where)
    check_ids(truth, (*object_ids, VOID_ID), 'the annotation',
               f'the first mask of the sequence has only {", ".join(map(str, object_ids))}', where)
    return score_objects(prediction, truth, range(1, num_objects + 1), where)


def score_objects(prediction: np.ndarray, truth: np.ndarray, object_ids: Sequence[int], where: str) -> FrameScores:
    """J and F of some objects of a frame.

    Args:
        prediction: Predicted index mask, uint8 [H, W].
        truth: True index mask, uint8 [H, W].
        object_ids: The N objects, at least one; one that a mask lacks counts as empty there.
        where: Names the video and the frame in errors.

    Returns:
        The scores of the objects, in their order.

    Raises:
        ValueError: The sizes differ.
    """
    if prediction.shape != truth.shape:
        raise ValueError(f'{where}: the predicted mask is {_size(prediction)} pixels, the annotation {_size(truth)}; '
                         'predictions must have the size of the annotation')
    radius = boundary_radius(truth.shape)
    return FrameScores(*np.array([score_object(prediction == i, truth == i, radius) for i in object_ids]).T)


def score_object(prediction: np.ndarray,
                 truth: np.ndarray,
                 radius: int,
                 void: Optional[np.ndarray] = None) -> Tuple[float, float]:
    """J and F of one object: the numbers of the whole frame, computed only where the object is.

    Args:
        prediction: Predicted mask, bool [H, W].
        truth: True mask, bool [H, W].
        radius: Tolerance of the boundaries in pixels.
        void: Pixels that do not count, bool [H, W].

    Returns:
        J and F.
    """
    left, top, width, height = cv2.boundingRect((prediction | truth).view(np.uint8))
    if not width:
        return 1.0, 1.0
    # Boundary pixels lie up to one pixel above and left of an object; one more row and column below and right keep
    # the object's own last pixels from becoming the image's last, which are compared with fewer neighbours.
    window = slice(max(top - 1, 0), top + height + 1), slice(max(left - 1, 0), left + width + 1)
    prediction, truth = prediction[window], truth[window]
    void = None if void is None else void[window]
    return region_similarity(prediction, truth, void), boundary_accuracy(prediction, truth, void, radius)


def check_ids(mask: np.ndarray, allowed: Sequence[int], whose: str, reason: str, where: str) -> None:
    """Refuse a mask, uint8 [H, W], with an id that is neither allowed nor background."""
    # Ids mostly have no gaps; then the highest tells, which is found in a hundredth of the time.
    if set(range(1, int(mask.max(initial=0)) + 1)) <= set(allowed):
        return
    counts = cv2.calcHist([mask], [0], None, [256], [0, 256]).ravel()
    unknown = sorted(set(np.flatnonzero(counts).tolist()) - {0, *allowed})
    if unknown:
        raise ValueError(f'{where}: {whose} holds object {unknown[0]}, but {reason}')


def _size(mask: np.ndarray) -> str:
    return f'{mask.shape[1]}x{mask.shape[0]}'
