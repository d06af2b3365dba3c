"""Does the affinity lie where it should?"""
import logging
from itertools import groupby
from operator import attrgetter
from typing import Any, Dict, List, NamedTuple, Optional, Sequence

import numpy as np
from mmengine.logging import print_log

from vosreg.registry import METRICS
from vosreg.structures import KeyGrid, Matches

from ..functional import MatchCounts, count_by_location, count_matches, matching_metrics, tracing_errors
from .base_vos_metric import BaseVOSMetric, FrameRecord, as_array


class MatchScores(NamedTuple):
    """What is kept of the matches of a frame.

    Attributes:
        counts: By object, None if no memory frame has a known mask.
        errors: Distances of the best matches from the true places, in locations; empty if the motion is not known.
    """
    counts: Optional[MatchCounts]
    errors: np.ndarray


@METRICS.register_module()
class MatchPrecision(BaseVOSMetric):
    """The share of a frame's pixels that match memory where they should, as masks and exact motion tell.

    Needs a model that records its matches (``test_cfg=dict(record_matches=True)``, which ``tools/test.py
    --match-precision`` sets). What is counted, as fractions:

    - ``object-mass``, ``object-top1``: of the pixels of an object, how much of their affinity and how many of their
      best matches lie on the same object in memory; mean over all objects of all videos.
    - ``background-mass``, ``background-top1``: the same for background; mean over the videos.
    - ``flow-1``, ``flow-2``: of the locations of rendered frames whose point is visible in memory, how many have
      their best match within 1 and 2 key locations of where the exact motion puts it.

    Only what can be right is counted: pixels of what no memory frame shows are left out, and points that are hidden in
    all of them. Frames without ground truth are skipped, as queries and as memory. Where few memory frames have some,
    only the pixels whose best match happens to lie in these are counted, other ones for each model: compare models on
    videos that are annotated throughout.

    Args:
        prefix: Stands before the names of the metrics, by default ``match``.
    """
    default_prefix = 'match'

    def __init__(self, prefix: Optional[str] = None) -> None:
        super().__init__(prefix=prefix)
        # Of the current video, by frame: the true masks, and their pixels by object and location once that is known.
        self._masks: Dict[int, np.ndarray] = {}
        self._pixels: Dict[int, np.ndarray] = {}

    def process(self, data_batch: Any, data_samples: Sequence[dict]) -> None:
        """Count the matches of frames, which come in order.

        Args:
            data_batch: Unused.
            data_samples: One :class:`~vosreg.structures.VOSDataSample` a frame, as a dict with ``matches`` on frames
                that had a memory to match and, where it exists, ``gt_mask``, uint8 [H0, W0].
        """
        for sample in data_samples:
            if sample['frame_index'] == 0:
                self._masks, self._pixels = {}, {}
            if 'gt_mask' in sample:
                self._masks[sample['frame_index']] = as_array(sample['gt_mask'])
            scores = self._score(sample, sample['matches']) if 'matches' in sample else None
            self.results.append(
                FrameRecord(sample['video'], sample['frame_index'], sample['frame_name'], sample['video_length'],
                            scores))

    def _score(self, sample: dict, matches: Matches) -> MatchScores:
        weights, frames, locations = (part.numpy() for part in (matches.weights, matches.frames, matches.locations))
        num_locations = len(frames)
        for index, mask in self._masks.items():
            self._pixels[index] = count_by_location(
                mask, matches.grid.locate(mask.shape).numpy(), num_locations, sample['object_ids'])
        self._masks.clear()
        query = self._pixels.get(sample['frame_index'])
        memory = {frame: self._pixels[frame] for frame in np.unique(frames).tolist() if frame in self._pixels}
        counts = None
        if query is not None and memory:
            counts = count_matches(query, memory, weights, frames, locations)
        return MatchScores(counts, self._errors(sample, matches.grid, frames, locations[:, 0]))

    @staticmethod
    def _errors(sample: dict, grid: KeyGrid, frames: np.ndarray, best: np.ndarray) -> np.ndarray:
        """Errors against the exact motion, [queries that can be traced]; none if the motion is not known."""
        if 'scene' not in sample:
            return np.empty(0)
        shape = sample['ori_shape']
        centres = grid.centres(shape).double().numpy()
        # What would be seen at a centre in the padding is no pixel of the frame.
        seen = ((centres >= -0.5) & (centres <= np.array(shape[::-1]) - 0.5)).all(2)
        targets = {}
        for frame in np.unique(frames[frames >= 0]).tolist():
            positions, visible = sample['scene'].trace(sample['frame_index'], frame, centres)
            targets[frame] = positions, visible & seen
        cell = grid.stride * shape[1] / grid.image_size[1], grid.stride * shape[0] / grid.image_size[0]
        return tracing_errors(targets, centres, frames[:, 0], best, cell)

    def compute_metrics(self, results: List[FrameRecord]) -> Dict[str, float]:
        """Put the frames together.

        Args:
            results: The records of all frames, ordered by video and frame.

        Returns:
            Name -> fraction; empty if nothing could be compared.

        Raises:
            ValueError: The model recorded no matches.
        """
        if not any(record.scores for record in results):
            raise ValueError('MatchPrecision got no matches: set model.test_cfg.record_matches=True, which needs a '
                             'model that matches, and test on videos with frames after the first mask')
        videos = {video: [record.scores for record in records if record.scores]
                  for video, records in groupby(results, key=attrgetter('video'))}
        counts = {video: [scores.counts for scores in frames if scores.counts] for video, frames in videos.items()}
        unscored = [video for video, frames in counts.items() if not frames]
        if unscored:
            print_log('no match precision, because no frame with ground truth was matched to another one: '
                      f'{", ".join(unscored)}', 'current', logging.WARNING)
        metrics = matching_metrics({video: frames for video, frames in counts.items() if frames})
        errors = np.concatenate([scores.errors for frames in videos.values() for scores in frames])
        if len(errors):
            metrics.update({f'flow-{bound}': float((errors <= bound).mean()) for bound in (1, 2)})
        if metrics:
            print_log('Match precision in percent: '
                      + ', '.join(f'{name} {100 * value:.2f}' for name, value in metrics.items()), 'current')
        return metrics
