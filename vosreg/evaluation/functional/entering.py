"""Series of scores of objects that enter a video at different frames."""
from typing import Dict, List, NamedTuple, Optional, Sequence, Tuple

import numpy as np

from .frame import FrameScores


class EnteringFrame(NamedTuple):
    """What is known of a frame of a video whose objects may enter late.

    Attributes:
        object_ids: The objects of the video.
        given_ids: Those whose masks are given with this frame.
        scores: Of the objects of the video, in their order; None without ground truth.
    """
    object_ids: Tuple[int, ...]
    given_ids: Tuple[int, ...]
    scores: Optional[FrameScores]


def object_series(frames: Sequence[EnteringFrame]) -> Dict[int, FrameScores]:
    """The scores that count for each object: from the frame that introduces it on, but where its mask is given.

    A frame that introduces one object counts for those that came before.

    Args:
        frames: The frames of a video, in order.

    Returns:
        Object id -> J and F, float64 [frames that count]. An object for which no frame counts is left out.
    """
    entered = set()
    values: Dict[int, List[Tuple[float, float]]] = {}
    for frame in frames:
        for object_id, *scores in zip(frame.object_ids, *(frame.scores or ((), ()))):
            if object_id in entered and object_id not in frame.given_ids:
                values.setdefault(object_id, []).append(tuple(scores))
        entered.update(frame.given_ids)
    return {object_id: FrameScores(*np.array(pairs).T) for object_id, pairs in sorted(values.items())}


def without_given(frames: Sequence[EnteringFrame]) -> List[FrameScores]:
    """The scores of the frames that have some, NaN where an object does not count.

    An object counts after the frame that introduces it, except where its mask is given again. One that is never given,
    an id that the first mask skips, counts throughout.

    Args:
        frames: The frames of a video, in order.

    Returns:
        The scores, one entry for each frame with ground truth.
    """
    waiting = {object_id for frame in frames for object_id in frame.given_ids}
    scores = []
    for frame in frames:
        if frame.scores is not None:
            left_out = np.isin(frame.object_ids, [*waiting, *frame.given_ids])
            scores.append(FrameScores(*(np.where(left_out, np.nan, values) for values in frame.scores)))
        waiting.difference_update(frame.given_ids)
    return scores
