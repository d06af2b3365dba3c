"""J, F and G as the YouTube-VOS benchmark measures them."""
import logging
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import Any, Dict, List, NamedTuple, Optional, Sequence, Union

import numpy as np
from mmengine.dist import is_main_process
from mmengine.logging import print_log

from vosreg.fileio import read_names
from vosreg.registry import METRICS

from ..functional import EnteringFrame, FrameScores, check_ids, object_series, score_objects
from ..report import write_rows
from .base_vos_metric import BaseVOSMetric, FrameRecord, as_array

# yapf: disable
SEEN_CATEGORIES = frozenset((
    'airplane', 'ape', 'bear', 'bike', 'bird', 'boat', 'bucket', 'bus', 'camel', 'cat', 'cow', 'crocodile', 'deer',
    'dog', 'dolphin', 'duck', 'eagle', 'earless_seal', 'elephant', 'fish', 'fox', 'frisbee', 'frog', 'giant_panda',
    'giraffe', 'hand', 'hat', 'hedgehog', 'horse', 'knife', 'leopard', 'lion', 'lizard', 'monkey', 'motorbike', 'mouse',
    'others', 'owl', 'paddle', 'parachute', 'parrot', 'penguin', 'person', 'plant', 'rabbit', 'raccoon', 'sedan',
    'shark', 'sheep', 'sign', 'skateboard', 'snail', 'snake', 'snowboard', 'squirrel', 'surfboard', 'tennis_racket',
    'tiger', 'toilet', 'train', 'truck', 'turtle', 'umbrella', 'whale', 'zebra'))
"""The 65 categories in the training set of YouTube-VOS 2018 and 2019."""
# yapf: enable


class ObjectResult(NamedTuple):
    """The scores of one object of one video, as fractions.

    Attributes:
        video: Name of the video.
        object_id: Id of the object.
        category: What it is, empty if not known.
        group: Which objects it is averaged with: 'seen', 'unseen' or 'all'.
        J: Mean region similarity.
        F: Mean boundary accuracy.
        V: Standard deviation of (J + F) / 2 over the frames (LVOS, Hong et al., ICCV 2023).
    """
    video: str
    object_id: int
    category: str
    group: str
    J: float
    F: float
    V: float


@METRICS.register_module()
class YouTubeVOSMetric(BaseVOSMetric):
    """Region similarity J and boundary accuracy F over seen and unseen categories, and their mean G.

    An object counts on every frame with ground truth from the one that introduces it on, except where its mask is
    given. J and F are means over the frames of an object, then over the objects of the seen and of the unseen
    categories; G is the mean of the four (Xu et al., ECCV 2018). Metrics are fractions: G, J-seen, F-seen, J-unseen,
    F-unseen; a group without objects is left out. Undivided they are G, J-all and F-all.

    ============  ==========================================================
    YouTube-VOS   the defaults
    LVOS          ``unseen_videos='unseen_videos.txt', stability=True``
    MOSE, others  ``seen_categories=None``
    ============  ==========================================================

    Videos without ground truth are not scored; their masks are written all the same.

    Args:
        seen_categories: The categories of the training set, by default those of YouTube-VOS; other categories are
            unseen. None for all objects alike.
        unseen_videos: Divide the objects by their videos instead: the names of the unseen ones, or a text file with one
            a line.
        stability: Also report V, how much the scores of an object change over time, for each group.
        out_dir: Folder for the masks, palette PNG files ``out_dir/VIDEO/00000.png``; only for the frames whose results
            the benchmark wants.
        csv_dir: Folder for ``per-object_results.csv``.
        prefix: Stands before the names of the metrics, by default ``youtube_vos``.
    """
    default_prefix = 'youtube_vos'

    def __init__(self,
                 seen_categories: Optional[Sequence[str]] = tuple(sorted(SEEN_CATEGORIES)),
                 unseen_videos: Union[str, Path, Sequence[str], None] = None,
                 stability: bool = False,
                 out_dir: Union[str, Path, None] = None,
                 csv_dir: Union[str, Path, None] = None,
                 prefix: Optional[str] = None) -> None:
        super().__init__(out_dir, prefix)
        if isinstance(unseen_videos, (str, Path)):
            unseen_videos = read_names(unseen_videos)
        self.seen_categories = None if seen_categories is None else frozenset(seen_categories)
        self.unseen_videos = None if unseen_videos is None else frozenset(unseen_videos)
        self.stability = stability
        self.csv_dir = Path(csv_dir) if csv_dir else None

    def process(self, data_batch: Any, data_samples: Sequence[dict]) -> None:
        """Write and score frames.

        Args:
            data_batch: Unused.
            data_samples: One :class:`~vosreg.structures.VOSDataSample` a frame, as a dict with ``pred_mask`` and,
                where it exists, ``gt_mask``, uint8 [H0, W0].

        Raises:
            ValueError: The masks differ in size, one holds an object that no given mask introduces, or the category of
                an object is not known; the message names the video, the frame and the object.
        """
        for sample in data_samples:
            prediction = as_array(sample['pred_mask'])
            self._write(sample, prediction)
            frame = EnteringFrame(sample['object_ids'], sample['given_ids'], self._score(sample, prediction))
            categories = {i: sample['categories'].get(i, '') for i in sample['given_ids']}
            self.results.append(
                FrameRecord(sample['video'], sample['frame_index'], sample['frame_name'], sample['video_length'],
                            (frame, categories)))

    def _score(self, sample: dict, prediction: np.ndarray) -> Optional[FrameScores]:
        if 'gt_mask' not in sample:
            return None
        where = f'video {sample["video"]!r}, frame {sample["frame_name"]!r}'
        truth, object_ids = as_array(sample['gt_mask']), sample['object_ids']
        if self.seen_categories is not None and self.unseen_videos is None:
            unknown = [i for i in object_ids if not sample['categories'].get(i)]
            if unknown:
                raise ValueError(f'{where}: the category of object {unknown[0]} is not known, which tells whether it '
                                 'is seen or unseen; seen_categories=None scores all objects alike')
        for mask, whose in ((prediction, 'the prediction'), (truth, 'the annotation')):
            check_ids(mask, object_ids, whose, f'the given masks introduce only {", ".join(map(str, object_ids))}',
                      where)
        return score_objects(prediction, truth, object_ids, where)

    def compute_metrics(self, results: List[FrameRecord]) -> Dict[str, float]:
        """Put the scores of the frames together, log them and write the CSV file.

        Args:
            results: The records of all frames, ordered by video and frame.

        Returns:
            Name -> fraction; empty if no video has ground truth.
        """
        videos = {video: [record.scores for record in records]
                  for video, records in groupby(results, key=attrgetter('video'))}
        objects = {video: self._object_results(video, frames) for video, frames in videos.items()}
        unscored = [video for video, found in objects.items() if not found]
        if unscored:
            print_log('not scored, because there is no ground truth after the frame that introduces an object: '
                      f'{", ".join(unscored)}', 'current', logging.WARNING)
        rows = [result for found in objects.values() for result in found]
        if not rows:
            return {}
        if self.csv_dir and is_main_process():
            write_rows(self.csv_dir / 'per-object_results.csv', ObjectResult._fields, rows)
        return self._summarize(rows)

    def _object_results(self, video: str, frames: Sequence[tuple]) -> List[ObjectResult]:
        categories = {i: category for _, entering in frames for i, category in entering.items()}
        series = object_series([frame for frame, _ in frames])
        return [
            ObjectResult(video, i, categories[i], self._group(video, categories[i]), float(scores.region.mean()),
                         float(scores.boundary.mean()), float(np.std((scores.region + scores.boundary) / 2)))
            for i, scores in series.items()
        ]

    def _group(self, video: str, category: str) -> str:
        if self.unseen_videos is not None:
            return 'unseen' if video in self.unseen_videos else 'seen'
        if self.seen_categories is not None:
            return 'seen' if category in self.seen_categories else 'unseen'
        return 'all'

    def _summarize(self, rows: Sequence[ObjectResult]) -> Dict[str, float]:
        metrics, counts = {}, []
        for group in ('seen', 'unseen', 'all'):
            members = [row for row in rows if row.group == group]
            if members:
                counts.append(f'{len(members)} {group}')
                metrics.update({f'{name}-{group}': float(np.mean([getattr(row, name) for row in members]))
                                for name in 'JFV'[:3 if self.stability else 2]})
        overall = float(np.mean([value for name, value in metrics.items() if name[0] != 'V']))
        metrics = {'G': overall, **metrics}
        print_log(f'{self.prefix} metrics in percent, objects: {", ".join(counts)}: '
                  + ', '.join(f'{name} {100 * value:.2f}' for name, value in metrics.items()), 'current')
        return metrics
