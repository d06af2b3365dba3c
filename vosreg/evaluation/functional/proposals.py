"""The unsupervised protocol of DAVIS 2019: proposals are assigned to objects by their scores.

The benchmarks of vosreg give the objects, so none of its tools or metrics calls this. It is that part of the official
code of DAVIS 2017 which the tests compare with its results, and is for those who score proposals as it does.
"""
from typing import Tuple

import numpy as np

from vosreg.fileio import VOID_ID

from .boundary import boundary_radius
from .frame import score_object

MAX_PROPOSALS = 20
"""How many proposals a sequence may have (Caelles et al., "The 2019 DAVIS Challenge on VOS", 2019)."""


def score_proposals(prediction: np.ndarray, truth: np.ndarray, num_objects: int) -> Tuple[np.ndarray, np.ndarray]:
    """Score every proposal of a frame against every object.

    Args:
        prediction: Index mask of the proposals 1..20, uint8 [H, W].
        truth: True index mask of the objects 1..N, uint8 [H, W]; 255 is void and does not count.
        num_objects: N.

    Returns:
        J and F, each float64 [20, N]; proposals that do not occur are empty.

    Raises:
        ValueError: A proposal has an id above 20.
    """
    if prediction.max() > MAX_PROPOSALS:
        raise ValueError(f'the proposal {prediction.max()} is above {MAX_PROPOSALS}, the number the protocol allows')
    void = truth == VOID_ID
    radius = boundary_radius(truth.shape)
    proposals = [prediction == i for i in range(1, MAX_PROPOSALS + 1)]
    objects = [truth == i for i in range(1, num_objects + 1)]
    scores = np.array([[score_object(p, o, radius, void) for o in objects] for p in proposals])
    return scores[..., 0], scores[..., 1]


def assign_proposals(region: np.ndarray, boundary: np.ndarray) -> np.ndarray:
    """Find the one-to-one assignment of proposals to objects with the highest sum of J&F.

    Args:
        region: J of each frame, proposal and object, [T, P, N] with P >= N.
        boundary: F, likewise.

    Returns:
        The index of the proposal of each object, int64 [N].
    """
    # Only this protocol needs SciPy's optimisers, whose import takes longer than everything else here together.
    from scipy.optimize import linear_sum_assignment

    quality = (region.mean(axis=0) + boundary.mean(axis=0)) / 2
    _, proposals = linear_sum_assignment(quality.T, maximize=True)
    return proposals
