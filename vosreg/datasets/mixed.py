"""Several data sets in one training."""
from bisect import bisect_right
from itertools import accumulate
from typing import Optional, Sequence, Tuple, Union

import numpy as np

from vosreg.registry import DATASETS

from .video_dataset import ClipIndex


@DATASETS.register_module()
class MixedVideoDataset:
    """Clips of several data sets in a fixed ratio, such as labelled and unlabelled videos.

    The draws go to the data sets in turn: with the ratio (1, 3) the draws 0, 4, 8, ... are of the first data set and
    all others of the second, so every batch of four clips has one of the first. Each data set's videos are shuffled
    again and again for its own draws, however few or many they are. Like the data sets' own, a clip is a pure function
    of the seeds and of the draw; which video the sampler proposes does not matter.

    Args:
        datasets: Configs of data sets of clips (see :class:`~vosreg.datasets.VideoDataset`), each with its pipeline.
        ratio: How many draws in a row each of them gets; by default one each.
        seed: Seed of the shuffling.
        lazy_init: List the videos later.

    Raises:
        ValueError: The ratio is not one positive number for each data set.
    """
    test_mode = False

    def __init__(self,
                 datasets: Sequence[dict],
                 ratio: Optional[Sequence[int]] = None,
                 seed: int = 0,
                 lazy_init: bool = False) -> None:
        self.ratio = tuple(ratio or [1] * len(datasets))
        if len(self.ratio) != len(datasets) or min(self.ratio, default=0) < 1:
            raise ValueError(f'a mix of {len(datasets)} data sets takes as many whole numbers from 1 as ratio, '
                             f'not {self.ratio}')
        self.datasets = [DATASETS.build(dict(dataset, lazy_init=lazy_init)) for dataset in datasets]
        self.seed = seed

    def full_init(self) -> None:
        """List the videos of all data sets, once."""
        for dataset in self.datasets:
            dataset.full_init()

    @property
    def num_videos(self) -> int:
        """Number of videos of all data sets."""
        return sum(dataset.num_videos for dataset in self.datasets)

    def __len__(self) -> int:
        return self.num_videos

    def __getitem__(self, index: Union[int, ClipIndex]):
        """Make the clip of a draw; a plain number is that of a draw."""
        if not isinstance(index, ClipIndex):
            index = ClipIndex(video=0, draw=int(index))
        part, turn = self._deal(index.draw)
        dataset = self.datasets[part]
        round_number, place = divmod(turn, dataset.num_videos)
        order = np.random.default_rng((self.seed, part, round_number)).permutation(dataset.num_videos)
        return dataset[index._replace(video=int(order[place]))]

    def _deal(self, draw: int) -> Tuple[int, int]:
        """Which data set a draw is of, and the how many-th of that data set's draws it is."""
        cycle, place = divmod(draw, sum(self.ratio))
        ends = list(accumulate(self.ratio))
        part = bisect_right(ends, place)
        return part, cycle * self.ratio[part] + place - (ends[part] - self.ratio[part])
