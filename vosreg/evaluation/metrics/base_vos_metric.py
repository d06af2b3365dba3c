"""The base of the metrics on videos: gathers the frames of all ranks and checks that none is missing."""
from itertools import chain, groupby
from operator import attrgetter
from pathlib import Path
from typing import Dict, List, NamedTuple, Optional, Union

import numpy as np
from mmengine.dist import all_gather_object
from mmengine.evaluator import BaseMetric
from torch import Tensor

from vosreg.fileio import BackgroundWriter, write_mask


class FrameRecord(NamedTuple):
    """What is kept of a processed frame.

    Attributes:
        video: Name of the video.
        frame_index: Position of the frame in the video, from 0.
        frame_name: Stem of its file.
        video_length: Number of frames of the video.
        scores: What the metric keeps of it, None if that is nothing.
    """
    video: str
    frame_index: int
    frame_name: str
    video_length: int
    scores: Optional[NamedTuple]


class BaseVOSMetric(BaseMetric):
    """A metric over videos whose frames come one by one.

    Children append one :class:`FrameRecord` a frame to ``self.results`` in :meth:`process`, and get the records of all
    ranks in :meth:`compute_metrics`, ordered by video and frame, each frame once.

    Args:
        out_dir: Folder for the masks, if they are to be written.
        prefix: Stands before the names of the metrics, by default ``default_prefix``.
    """

    def __init__(self, out_dir: Union[str, Path, None] = None, prefix: Optional[str] = None) -> None:
        super().__init__(prefix=prefix)
        self.out_dir = Path(out_dir) if out_dir else None
        self._writer = BackgroundWriter()

    def _write(self, sample: dict, mask: np.ndarray) -> None:
        """Write a mask uint8 [H0, W0] while the next frames are computed; the last frame of a video waits for all."""
        if self.out_dir and sample.get('result_wanted', True):
            self._writer.submit(write_mask, self.out_dir / sample['video'] / f'{sample["frame_name"]}.png', mask)
        if sample['frame_index'] == sample['video_length'] - 1:
            self._writer.finish()

    def evaluate(self, size: int) -> Dict[str, float]:
        """Compute the metrics of the whole data set from the frames of all ranks.

        MMEngine's own collection interleaves the ranks and cuts to ``size``, which assumes a sampler that gives every
        rank equally many items; :class:`~vosreg.datasets.VideoSampler` gives whole videos. Every rank computes the
        metrics, so that an error stops them all.

        Args:
            size: Number of frames of the data set.

        Returns:
            Prefixed name -> value.

        Raises:
            ValueError: A frame was not processed.
        """
        gathered = chain.from_iterable(all_gather_object(self.results))
        # A sampler that pads gives some frames twice.
        frames = {(record.video, record.frame_index): record for record in gathered}
        records = [frames[key] for key in sorted(frames)]
        _check_complete(records, size)
        metrics = self.compute_metrics(records)
        self.results.clear()
        return {f'{self.prefix}/{name}': value for name, value in metrics.items()}


def as_array(mask: Union[Tensor, np.ndarray]) -> np.ndarray:
    """A mask as it comes from a model or a data set, on the CPU."""
    return mask.cpu().numpy() if isinstance(mask, Tensor) else mask


def _check_complete(records: List[FrameRecord], size: int) -> None:
    for video, video_records in groupby(records, key=attrgetter('video')):
        video_records = list(video_records)
        length = video_records[0].video_length
        missing = sorted(set(range(length)) - {record.frame_index for record in video_records})
        if missing:
            raise ValueError(f'{len(missing)} of {length} frames of the video {video!r} were not processed, the first '
                             f'is frame {missing[0]}; test with VideoSampler, which gives every frame')
    if len(records) != size:
        raise ValueError(f'{len(records)} frames were processed, but the data set has {size}: whole videos are '
                         'missing; test with VideoSampler, which gives every frame')
