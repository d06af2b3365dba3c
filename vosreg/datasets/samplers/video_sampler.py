"""Whole videos for each rank, frames in order."""
from itertools import accumulate
from typing import Iterator, List, Optional

from mmengine.dist import get_dist_info
from torch.utils.data import Sampler

from vosreg.registry import DATA_SAMPLERS


@DATA_SAMPLERS.register_module()
class VideoSampler(Sampler):
    """Deal whole videos to the ranks and keep the frames of a video in order.

    The longest video goes first, always to the rank with the fewest frames so far, so that the ranks finish at about
    the same time. Nothing is padded and nothing is repeated: every frame is seen by exactly one rank.

    Args:
        dataset: A :class:`~vosreg.datasets.VideoDataset` in test mode.
        seed: Unused; MMEngine passes it to every sampler.
    """

    def __init__(self, dataset, seed: Optional[int] = None) -> None:
        if not getattr(dataset, 'test_mode', False):
            raise ValueError('VideoSampler needs a video data set with test_mode=True; use ClipSampler for training')
        rank, world_size = get_dist_info()
        lengths = dataset.video_lengths
        starts = [0, *accumulate(lengths)]
        self.indices: List[int] = []
        for video in deal_videos(lengths, world_size)[rank]:
            self.indices.extend(range(starts[video], starts[video] + lengths[video]))

    def __iter__(self) -> Iterator[int]:
        return iter(self.indices)

    def __len__(self) -> int:
        return len(self.indices)


def deal_videos(lengths: List[int], num_ranks: int) -> List[List[int]]:
    """Split videos over ranks so that the ranks have about the same number of frames.

    Args:
        lengths: Frames of each video.
        num_ranks: Number of ranks.

    Returns:
        For each rank the numbers of its videos, ascending.
    """
    hands: List[List[int]] = [[] for _ in range(num_ranks)]
    frames = [0] * num_ranks
    for video in sorted(range(len(lengths)), key=lambda i: (-lengths[i], i)):
        rank = frames.index(min(frames))
        hands[rank].append(video)
        frames[rank] += lengths[video]
    return [sorted(hand) for hand in hands]
