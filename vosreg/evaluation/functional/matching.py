"""Whether matching finds the right place in memory."""
from typing import Dict, Mapping, NamedTuple, Sequence, Tuple

import numpy as np


class MatchCounts(NamedTuple):
    """Pixels of a query frame by object, background first, and how many of them are matched to the same object.

    Attributes:
        pixels: Number of pixels that were matched to known masks and could have been matched right, float64 [N + 1].
        mass: The share of their affinity mass on the same object, summed over the pixels, float64 [N + 1].
        top1: How many have their best match on the same object, float64 [N + 1].
    """
    pixels: np.ndarray
    mass: np.ndarray
    top1: np.ndarray


def count_by_location(mask: np.ndarray, locations: np.ndarray, num_locations: int,
                      object_ids: Sequence[int]) -> np.ndarray:
    """How many pixels of background and of each object lie in each location.

    Args:
        mask: Index mask, uint8 [H, W]; void and unknown ids belong to nothing.
        locations: The location of each pixel, int64 [H, W].
        num_locations: P.
        object_ids: The N ids.

    Returns:
        float64 [N + 1, P].
    """
    return np.stack([np.bincount(locations[mask == i], minlength=num_locations).astype(np.float64)
                     for i in (0, *object_ids)])


def count_matches(query: np.ndarray, memory: Mapping[int, np.ndarray], weights: np.ndarray, frames: np.ndarray,
                  locations: np.ndarray) -> MatchCounts:
    """Count the pixels of a query frame whose matches in memory lie on the same object.

    A location of the key map covers many pixels, which may be of several objects: a match counts with the share of the
    memory location that the object holds. Matches to frames without a known mask are left out of the mass; queries
    whose best match is one of them are left out of the count, and so are the pixels of what no memory frame shows,
    such as an object in the frame where it enters: nothing would be right for them.

    Args:
        query: Pixels of background and objects in the query's locations, [N + 1, Q].
        memory: The same for the memory frames whose masks are known, frame index -> [N + 1, P].
        weights: Affinity, [Q, k], the best match first.
        frames: Index of the memory frame, int64 [Q, k].
        locations: Location in that frame, int64 [Q, k].

    Returns:
        The counts.
    """
    known = np.array(sorted(memory), np.int64)
    shares = np.stack([memory[frame] / memory[frame].sum(0).clip(1) for frame in known], axis=1)  # [N + 1, F, P]
    place = np.searchsorted(known, frames).clip(max=len(known) - 1)
    is_known = known[place] == frames
    # Padding holds no pixel, so nothing is known of it.
    is_known &= np.stack([memory[frame].any(0) for frame in known])[place, locations]
    weights = np.where(is_known, weights, 0)
    counted = is_known[:, 0]
    query = query * counted * shares.any((1, 2))[:, None]
    same = shares[:, place, locations] * is_known  # [N + 1, Q, k]
    mass = (same * weights).sum(2) / np.where(counted, weights.sum(1), 1)
    return MatchCounts(query.sum(1), (query * mass).sum(1), (query * same[:, :, 0]).sum(1))


def judge_matches(objects: np.ndarray, memory: Mapping[int, np.ndarray], frames: np.ndarray,
                  locations: np.ndarray) -> np.ndarray:
    """Tell which matches of some pixels lie on the pixel's own object, for drawings.

    A location belongs to what holds most of its pixels, background or an object; :func:`count_matches` counts shares.

    Args:
        objects: What each of the Q pixels belongs to: 0 background, i the i-th object, -1 not known; int64 [Q].
        memory: Pixels of background and objects in the locations of the memory frames whose masks are known, frame
            index -> [N + 1, P].
        frames: Index of the memory frame, int64 [Q, k].
        locations: Location in that frame, int64 [Q, k].

    Returns:
        int8 [Q, k]: 1 right, -1 wrong, 0 not known.
    """
    verdicts = np.zeros(frames.shape, np.int8)
    objects = objects[:, None]
    for frame, pixels in memory.items():
        owners = np.where(pixels.any(0), pixels.argmax(0), -1)[locations]
        known = (frames == frame) & (owners >= 0) & (objects >= 0)
        verdicts[known] = np.where(owners == objects, 1, -1)[known]
    return verdicts


def tracing_errors(targets: Mapping[int, Tuple[np.ndarray, np.ndarray]], centres: np.ndarray, frames: np.ndarray,
                   locations: np.ndarray, cell: Tuple[float, float]) -> np.ndarray:
    """How far from the true place the best matches lie.

    Args:
        targets: Memory frame -> where the query locations' points are in it, (x, y) [h, w, 2], and whether they are
            visible there, bool [h, w].
        centres: (x, y) of the centres of the memory locations, [h, w, 2].
        frames: Memory frame of the best match of each query, int64 [Q].
        locations: Its location there, int64 [Q].
        cell: Width and height of a location in pixels.

    Returns:
        Distance in locations for each query whose point is visible in one of the memory frames at least, infinite if
        the point is hidden in the frame of the match.
    """
    matched = centres.reshape(-1, 2)[locations]
    errors = np.full(len(frames), np.inf)
    traceable = np.zeros(len(frames), bool)
    for frame, (positions, visible) in targets.items():
        visible = visible.ravel()
        distance = np.linalg.norm((matched - positions.reshape(-1, 2)) / cell, axis=1)
        errors = np.where((frames == frame) & visible, distance, errors)
        traceable |= visible
    return errors[traceable]


def matching_metrics(videos: Mapping[str, Sequence[MatchCounts]]) -> Dict[str, float]:
    """Put the counts of videos together.

    Args:
        videos: Name of a video -> the counts of its frames.

    Returns:
        ``object-mass``, ``object-top1``: mean over the objects of all videos; ``background-mass``,
        ``background-top1``: mean over the videos. Objects that were never counted are left out, and so are means over
        nothing.
    """
    if not videos:
        return {}
    totals = [MatchCounts(*(np.sum(part, axis=0) for part in zip(*frames))) for frames in videos.values()]
    metrics = {}
    for name, place in (('object', slice(1, None)), ('background', slice(0, 1))):
        pixels = np.concatenate([total.pixels[place] for total in totals])
        if not pixels.any():
            continue
        for kind in ('mass', 'top1'):
            hits = np.concatenate([getattr(total, kind)[place] for total in totals])
            metrics[f'{name}-{kind}'] = float((hits[pixels > 0] / pixels[pixels > 0]).mean())
    return metrics
