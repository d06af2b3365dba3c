"""From scores of frames to mean, recall and decay of objects, and to the numbers of a data set."""
from typing import Dict, List, Mapping, Sequence, Tuple

import numpy as np

from .frame import FrameScores

OBJECT_METRIC_NAMES = ('J-Mean', 'J-Recall', 'J-Decay', 'F-Mean', 'F-Recall', 'F-Decay')
METRIC_NAMES = ('J&F-Mean', *OBJECT_METRIC_NAMES)

Metrics = Dict[str, float]


def summarize(sequences: Mapping[str, Sequence[FrameScores]]) -> Dict[str, Dict]:
    """Put the scores of sequences together.

    Args:
        sequences: Name of a sequence -> the scores of its evaluated frames, in order; NaN where an object does not
            count. An object that counts on no frame is left out.

    Returns:
        ``{'global': {J&F-Mean, J-Mean, ..., F-Decay}, 'objects': {'SEQUENCE_ID': {J-Mean, ..., F-Decay}}}``, as
        fractions. The global numbers are means over all objects of all sequences, so a sequence with more objects
        counts more.

    Raises:
        ValueError: A sequence has no evaluated frame, or there is no sequence.
    """
    objects: Dict[str, Metrics] = {}
    for sequence, frames in sequences.items():
        if not frames:
            raise ValueError(f'the sequence {sequence!r} has no frame to score: the first and the last do not count, '
                             'so it needs at least three')
        for object_id, (j_values, f_values) in enumerate(zip(*_object_series(frames)), start=1):
            if not len(j_values):
                continue
            objects[f'{sequence}_{object_id}'] = {
                **_with_prefix('J', series_statistics(j_values)),
                **_with_prefix('F', series_statistics(f_values)),
            }
    if not objects:
        raise ValueError('there is no sequence to score')
    overall = {name: float(np.mean([metrics[name] for metrics in objects.values()])) for name in OBJECT_METRIC_NAMES}
    return {'global': {'J&F-Mean': (overall['J-Mean'] + overall['F-Mean']) / 2, **overall}, 'objects': objects}


def series_statistics(values: np.ndarray) -> Metrics:
    """Mean, recall and decay of J or F over the frames of one object (Perazzi et al., CVPR 2016, section 5.2).

    Args:
        values: One value a frame, [T].

    Returns:
        ``Mean``; ``Recall``, the share of the values above 0.5; ``Decay``, the mean of the first quarter minus that of
        the last.
    """
    values = np.asarray(values, np.float64)
    borders = quarter_borders(len(values))
    first, last = values[borders[0]:borders[1] + 1], values[borders[3]:borders[4] + 1]
    return {
        'Mean': float(values.mean()),
        'Recall': float(np.mean(values > 0.5)),
        'Decay': float(first.mean() - last.mean()),
    }


def last_quarter_similarity(sequences: Mapping[str, Sequence[FrameScores]]) -> float:
    """J over the last quarter of the frames, when objects have changed the most: J_tr of VOST (Tokmakov et al., 2023).

    Args:
        sequences: Name of a sequence -> the scores of its evaluated frames, in order; NaN where an object does not
            count.

    Returns:
        Mean J of each object from floor(3 T / 4) on of the T frames on which it counts, then over all objects of all
        sequences.
    """
    series = [values for frames in sequences.values() for values in _object_series(frames)[0] if len(values)]
    return float(np.mean([values[3 * len(values) // 4:].mean() for values in series]))


def quarter_borders(length: int) -> np.ndarray:
    """The first and last positions of the quarters of a series; neighbouring quarters share theirs.

    The official code stores them in 8 bits, so its decay is wrong or undefined beyond 256 frames; these do not wrap.

    Args:
        length: Number of values, at least 1.

    Returns:
        int64 [5], from 0.
    """
    # The small number decides ties as the official code does.
    return np.round(np.linspace(1, length, 5) + 1e-10).astype(np.int64) - 1


def _object_series(frames: Sequence[FrameScores]) -> Tuple[List[np.ndarray], List[np.ndarray]]:
    """J and F of each object over the frames on which it counts."""
    region, boundary = (np.stack(part, axis=1) for part in zip(*frames))
    counts = ~np.isnan(region)
    return tuple([values[chosen] for values, chosen in zip(part, counts)] for part in (region, boundary))


def _with_prefix(prefix: str, statistics: Metrics) -> Metrics:
    return {f'{prefix}-{name}': value for name, value in statistics.items()}
