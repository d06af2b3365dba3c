"""The base of every data set: a list of videos, seen as training clips or as a stream of frames."""
import bisect
from collections import Counter
from itertools import accumulate
from typing import List, NamedTuple, Optional, Sequence, Union

import numpy as np
from mmengine.dataset import BaseDataset

from vosreg.structures import WantedResults

from .frame_files import frame_name


class ClipIndex(NamedTuple):
    """Which training clip to make; :class:`~vosreg.datasets.samplers.ClipSampler` yields these.

    A clip is a pure function of the data set's seed and this index, so the same run gives the same clips whatever the
    number of workers and ranks, and also after resuming.

    Attributes:
        video: Position of the video in the data set.
        draw: Running number of the draw over the whole training; a new draw of a video gives another clip.
        max_skip: Largest random part of the gap between neighbouring frames (see :class:`SampleFrames`), or None for
            the pipeline's own.
    """
    video: int
    draw: int = 0
    max_skip: Optional[int] = None


class VideoDataset(BaseDataset):
    """A list of videos.

    Children implement :meth:`load_data_list`, which returns one dict a video::

        video: str                   name, unique in the data set
        num_frames: int
        frame_paths: list[str]       one a frame
        mask_paths: list[str|None]   ground truth, None where a frame has none
        given: list[int]             frames whose masks a model may see at test time, ascending
        given_mask_paths: list[str|None]   optional: the given masks where they are other files than the ground truth
        merge_objects: bool          optional: any non-zero pixel of a mask is object 1
        label_ids: uint8 [256]       optional: the object id that each value of a mask stands for, 0 for none
        given_objects: dict[int, tuple[int]]   optional: given frame -> the ids that enter there; all others in its mask
                                     are not shown, and those that enter nowhere are background
        frame_step: int              optional: frames of the video from one file to the next, where some are left out
        result_frames: list[int]     optional: the frames whose results a benchmark wants, where not all
        categories: dict[int, str]   optional: what the objects are

    (A data set that renders its frames gives ``scene`` instead of the paths, and one without any masks no
    ``mask_paths``.)

    In training (``test_mode=False``) an item is a clip of one video; the pipeline chooses its frames. In testing an
    item is one frame, in the order of the videos, and ``len`` counts frames.

    Args:
        pipeline: Transforms. They get the dict above plus ``rng`` (training: the clip's own random generator) and
            ``max_skip``, or (testing) ``frame_index``.
        test_mode: Items are frames instead of clips.
        seed: Seed of the clips' random generators.
        max_refetch: How many further draws of a video to try when the pipeline finds no usable clip (returns None),
            before going on to the next video.
        **kwargs: See :class:`mmengine.dataset.BaseDataset`.

    Attributes:
        submission_root: The folder that holds the videos in the zip file that the benchmark's server takes; empty if
            they are at its top.
    """
    submission_root = ''

    def __init__(self,
                 *args,
                 pipeline: Sequence[dict] = (),
                 test_mode: bool = False,
                 seed: int = 0,
                 max_refetch: int = 5,
                 **kwargs) -> None:
        self.seed = seed
        super().__init__(
            *args, pipeline=list(pipeline), test_mode=test_mode, max_refetch=max_refetch, **kwargs)

    def load_data_list(self) -> List[dict]:
        raise NotImplementedError

    def full_init(self) -> None:
        """List the videos, once. An empty list is an error that says where was searched."""
        if self._fully_initialized:
            return
        super().full_init()
        self._frame_ends = list(accumulate(self.video_lengths))

    def filter_data(self) -> List[dict]:
        """Refuse an empty list of videos, and in testing two of one name, whose results would be the same files."""
        if not self.data_list:
            raise ValueError(f'{type(self).__name__} found no video under {self.data_root!r}')
        names = Counter(video['video'] for video in self.data_list)
        name, number = names.most_common(1)[0]
        if self.test_mode and number > 1:
            raise ValueError(f'{type(self).__name__} under {self.data_root!r} has {number} videos of the name '
                             f'{name!r}; list each video once')
        return self.data_list

    @property
    def num_videos(self) -> int:
        """Number of videos, in training and in testing."""
        self.full_init()
        return super().__len__()

    @property
    def video_lengths(self) -> List[int]:
        """Number of frames of each video."""
        return [self.get_data_info(i)['num_frames'] for i in range(self.num_videos)]

    def wanted_results(self) -> List[WantedResults]:
        """What a benchmark wants of each video of a data set in test mode; reads the first frame of each."""
        self.full_init()
        wanted = []
        for number, end in enumerate(self._frame_ends):
            video = self.get_data_info(number)
            names = [frame_name(video, index) for index in video.get('result_frames', range(video['num_frames']))]
            sample = self[end - video['num_frames']]['data_samples']
            wanted.append(WantedResults(video['video'], tuple(names), sample.ori_shape, sample.object_ids))
        return wanted

    def __len__(self) -> int:
        """Number of items: videos in training, frames in testing."""
        self.full_init()
        return self._frame_ends[-1] if self.test_mode else self.num_videos

    def __getitem__(self, index: Union[int, ClipIndex]):
        """Make one item.

        Args:
            index: In training a :class:`ClipIndex` or the number of a video; in testing the number of a frame.

        Returns:
            What the pipeline's last transform packs.
        """
        self.full_init()
        if self.test_mode:
            return self._frame(index)
        return self._clip(index if isinstance(index, ClipIndex) else ClipIndex(int(index)))

    def _frame(self, index: int):
        if not 0 <= index < len(self):
            raise IndexError(f'frame {index} of a data set of {len(self)} frames')
        video = bisect.bisect_right(self._frame_ends, index)
        results = self.get_data_info(video)
        results['frame_index'] = index - (self._frame_ends[video] - results['num_frames'])
        return self.pipeline(results)

    def _clip(self, index: ClipIndex):
        tried = []
        for neighbour in range(min(self.num_videos, 10)):
            video = (index.video + neighbour) % self.num_videos
            for attempt in range(self.max_refetch + 1):
                results = self.get_data_info(video)
                results['rng'] = np.random.default_rng((self.seed, index.draw, video, attempt))
                results['max_skip'] = index.max_skip
                clip = self.pipeline(results)
                if clip is not None:
                    return clip
            tried.append(results['video'])
        raise RuntimeError(f'no usable training clip in the videos {", ".join(tried)}: '
                           'are they annotated, and long enough for the clip?')
