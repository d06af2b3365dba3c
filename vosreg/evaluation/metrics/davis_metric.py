"""J&F as the DAVIS benchmark measures it."""
import logging
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import Any, Dict, List, Optional, Sequence, Union

import numpy as np
from mmengine.dist import is_main_process
from mmengine.logging import print_log
from torch import Tensor

from vosreg.registry import METRICS

from ..functional import (
    EnteringFrame,
    FrameScores,
    last_quarter_similarity,
    merge_objects,
    score_frame,
    summarize,
    without_given,
)
from ..report import format_table, write_csv
from .base_vos_metric import BaseVOSMetric, FrameRecord, as_array


@METRICS.register_module()
class DAVISMetric(BaseVOSMetric):
    """Region similarity J and boundary accuracy F by the semi-supervised protocol of DAVIS 2016 and 2017.

    The objects of a sequence are 1 to the highest id of its first mask; the first and the last frame are not scored;
    void pixels (255) are background. The metrics are means over all objects of all sequences, as fractions: J&F-Mean,
    J-Mean, J-Recall, J-Decay, F-Mean, F-Recall, F-Decay (Perazzi et al., CVPR 2016; Pont-Tuset et al., arXiv
    1704.00675). An object that enters later, as in VOST, counts after the frame that introduces it, and no object
    counts where its mask is given.

    A frame is scored when it comes and then let go, so memory does not grow with the masks. Sequences without ground
    truth (test-dev) are not scored; their masks are written all the same.

    Args:
        annotated_only: Score the frames that have ground truth, where only some have: for videos annotated every so
            many frames.
        binary: Score all objects of a frame as one (DAVIS 2016).
        last_quarter: Also report J-tr, J over the last quarter of the frames (VOST, which has J and J-tr).
        out_dir: Folder for the masks, palette PNG files ``out_dir/SEQUENCE/00000.png``, the tree that the benchmark's
            server takes as a zip file.
        csv_dir: Folder for ``global_results.csv`` and ``per-sequence_results.csv``.
        prefix: Stands before the names of the metrics, by default ``davis``.
    """
    default_prefix = 'davis'

    def __init__(self,
                 annotated_only: bool = False,
                 binary: bool = False,
                 last_quarter: bool = False,
                 out_dir: Union[str, Path, None] = None,
                 csv_dir: Union[str, Path, None] = None,
                 prefix: Optional[str] = None) -> None:
        super().__init__(out_dir, prefix)
        self.annotated_only = annotated_only
        self.binary = binary
        self.last_quarter = last_quarter
        self.csv_dir = Path(csv_dir) if csv_dir else None

    def process(self, data_batch: Any, data_samples: Sequence[dict]) -> None:
        """Write and score frames.

        Args:
            data_batch: Unused.
            data_samples: One :class:`~vosreg.structures.VOSDataSample` a frame, as a dict with ``pred_mask`` and,
                where it exists, ``gt_mask``, uint8 [H0, W0].

        Raises:
            ValueError: The masks differ in size, or one holds an object that the first mask cannot have introduced;
                the message names the sequence, the frame and the object. What was written and scored before stays.
        """
        for sample in data_samples:
            prediction = self._mask(sample['pred_mask'])
            self._write(sample, prediction)
            self.results.append(
                FrameRecord(sample['video'], sample['frame_index'], sample['frame_name'], sample['video_length'],
                            self._score(sample, prediction)))

    def _score(self, sample: dict, prediction: np.ndarray) -> EnteringFrame:
        object_ids, given_ids = sample['object_ids'], sample['given_ids']
        if self.binary:
            object_ids, given_ids = (1, ), given_ids and (1, )
        scores = None
        if 'gt_mask' in sample and sample['frame_index'] not in (0, sample['video_length'] - 1):
            scores = score_frame(prediction, self._mask(sample['gt_mask']), object_ids,
                                 f'sequence {sample["video"]!r}, frame {sample["frame_name"]!r}')
        return EnteringFrame(tuple(range(1, max(object_ids, default=0) + 1)), given_ids, scores)

    def _mask(self, mask: Union[Tensor, np.ndarray]) -> np.ndarray:
        mask = as_array(mask)
        return merge_objects(mask) if self.binary else mask

    def compute_metrics(self, results: List[FrameRecord]) -> Dict[str, float]:
        """Put the scores of the frames together, log them as a table and write the CSV files.

        Args:
            results: The records of all frames, ordered by video and frame.

        Returns:
            Name -> fraction; empty if no sequence has ground truth.

        Raises:
            ValueError: Only some of the frames of a sequence have ground truth, without ``annotated_only``.
        """
        sequences = {video: self._scored_frames(list(records))
                     for video, records in groupby(results, key=attrgetter('video'))}
        unscored = [video for video, frames in sequences.items() if not frames]
        if unscored:
            print_log('not scored, because there is no ground truth between the first and the last frame: '
                      f'{", ".join(unscored)}', 'current', logging.WARNING)
        if len(unscored) == len(sequences):
            return {}
        scored = {video: frames for video, frames in sequences.items() if frames}
        summary = summarize(scored)
        print_log(f'DAVIS metrics in percent:\n{format_table(summary)}', 'current')
        if self.csv_dir and is_main_process():
            write_csv(self.csv_dir, summary)
        metrics = dict(summary['global'])
        if self.last_quarter:
            metrics['J-tr'] = last_quarter_similarity(scored)
        return metrics

    def _scored_frames(self, records: List[FrameRecord]) -> List[FrameScores]:
        inner = records[1:-1]
        unscored = [record for record in inner if record.scores.scores is None]
        if unscored and len(unscored) < len(inner) and not self.annotated_only:
            raise ValueError(f'sequence {unscored[0].video!r}: {len(unscored)} of {len(inner)} frames have no ground '
                             f'truth, the first is {unscored[0].frame_name!r}; DAVIS scores every frame but the first '
                             'and the last (annotated_only=True scores those that have some)')
        frames = without_given([record.scores for record in records])
        return frames if any(np.isfinite(frame.region).any() for frame in frames) else []
