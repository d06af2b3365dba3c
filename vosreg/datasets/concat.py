"""Several data sets, one after the other."""
from typing import Optional, Sequence, Union

from mmengine.dataset import ConcatDataset

from vosreg.registry import DATASETS

from .video_dataset import ClipIndex


@DATASETS.register_module()
class ConcatVideoDataset(ConcatDataset):
    """Clips of several data sets; in an epoch each video comes as often as its data set is repeated.

    STCN and XMem train their main stage with five times DAVIS and once YouTube-VOS. Like the data sets' own, a clip is
    a pure function of their seeds and of the index, and a repeated video is another draw, so it gives another clip.
    (For a fixed ratio in every batch see :class:`MixedVideoDataset`.)

    Args:
        datasets: Configs of data sets of clips (see :class:`~vosreg.datasets.VideoDataset`), each with its pipeline.
        repeats: How often each of them comes; by default once.
        lazy_init: List the videos later.

    Raises:
        ValueError: The repeats are not one positive number for each data set.
    """
    test_mode = False

    def __init__(self,
                 datasets: Sequence[dict],
                 repeats: Optional[Sequence[int]] = None,
                 lazy_init: bool = False) -> None:
        repeats = tuple(repeats or [1] * len(datasets))
        if len(repeats) != len(datasets) or min(repeats, default=0) < 1:
            raise ValueError(f'{len(datasets)} data sets take as many whole numbers from 1 as repeats, not {repeats}')
        built = [DATASETS.build(dict(dataset, lazy_init=True)) for dataset in datasets]
        # A repeated data set is the same object several times, so its videos are listed and kept once.
        super().__init__([dataset for dataset, number in zip(built, repeats) for _ in range(number)],
                         lazy_init=lazy_init)

    @property
    def num_videos(self) -> int:
        """Number of videos of an epoch, repeats included."""
        return len(self)

    def __getitem__(self, index: Union[int, ClipIndex]):
        """Make the clip of an index; a plain number is that of a video."""
        if not isinstance(index, ClipIndex):
            index = ClipIndex(int(index))
        part, video = self._get_ori_dataset_idx(index.video)
        return self.datasets[part][index._replace(video=video)]
