"""Endless, reproducible draws of training clips."""
from itertools import count
from typing import Callable, Iterator, Optional

import torch
from mmengine.dataset import InfiniteSampler

from vosreg.registry import DATA_SAMPLERS

from ..video_dataset import ClipIndex


@DATA_SAMPLERS.register_module()
class ClipSampler(InfiniteSampler):
    """Shuffle the videos again and again and number the draws.

    Rank r of W takes the draws r, r + W, r + 2W, ..., so W ranks with batch size b see the same global batches as one
    process with batch size W * b. ``max_skip_schedule`` (set by the
    :class:`~vosreg.engine.hooks.FrameGapCurriculumHook` before training) gives the frame gap as a function of the
    draw: it travels with the index, so that workers which hold their own copy of the data set see every change, at
    exactly the same draw in every run.

    Args:
        dataset: A data set of clips.
        shuffle: Shuffle the videos in each round.
        seed: Seed of the shuffling; by default one shared by the ranks.
    """
    max_skip_schedule: Optional[Callable[[int], int]] = None

    def __init__(self, dataset, shuffle: bool = True, seed: Optional[int] = None) -> None:
        super().__init__(dataset, shuffle=shuffle, seed=seed)

    def _rounds(self) -> Iterator[int]:
        generator = torch.Generator()
        generator.manual_seed(self.seed)
        while True:
            yield from (torch.randperm(self.size, generator=generator) if self.shuffle else torch.arange(
                self.size)).tolist()

    def _infinite_indices(self) -> Iterator[ClipIndex]:
        for draw, video in zip(count(), self._rounds()):
            yield ClipIndex(video, draw)

    def __iter__(self) -> Iterator[ClipIndex]:
        for index in self.indices:
            if self.max_skip_schedule is not None:
                index = index._replace(max_skip=self.max_skip_schedule(index.draw))
            yield index
