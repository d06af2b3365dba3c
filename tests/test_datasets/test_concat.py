"""Several data sets, repeated."""
from collections import Counter
from itertools import islice

import pytest
from mmengine.registry import init_default_scope

from vosreg.datasets import ClipIndex, ClipSampler, ConcatVideoDataset
from vosreg.datasets.video_dataset import VideoDataset
from vosreg.registry import DATASETS


def pack(results):
    return results['video'], results['max_skip'], round(float(results['rng'].random()), 12)


@DATASETS.register_module()
class NumberedVideos(VideoDataset):
    """Clips are (name of the video, max_skip, first random number)."""
    lists = 0

    def __init__(self, name, number, **kwargs):
        self.name, self.number = name, number
        super().__init__(pipeline=[pack], **kwargs)

    def load_data_list(self):
        NumberedVideos.lists += 1
        return [dict(video=f'{self.name}{index}', num_frames=4) for index in range(self.number)]


def concat(*numbers, **options):
    init_default_scope('vosreg')
    return ConcatVideoDataset(
        [dict(type='NumberedVideos', name=name, number=number) for name, number in zip('abc', numbers)], **options)


def test_an_epoch_has_each_video_as_often_as_its_data_set_is_repeated():
    NumberedVideos.lists = 0
    dataset = concat(3, 7, repeats=(5, 1))
    assert len(dataset) == dataset.num_videos == 5 * 3 + 7 and NumberedVideos.lists == 2
    epoch = Counter(dataset[index][0] for index in islice(ClipSampler(dataset, seed=0), len(dataset)))
    assert epoch == {**{f'a{index}': 5 for index in range(3)}, **{f'b{index}': 1 for index in range(7)}}


def test_a_clip_is_a_function_of_the_index():
    dataset, again = concat(3, 7, repeats=(5, 1)), concat(3, 7, repeats=(5, 1), lazy_init=True)
    indices = [index._replace(max_skip=9) for index in islice(ClipSampler(dataset, seed=1), 60)]
    clips = [dataset[index] for index in indices]
    assert [again[index] for index in reversed(indices)] == clips[::-1]
    assert {clip[1] for clip in clips} == {9}
    assert len({clip[2] for clip in clips}) == 60, 'a repeated video gives another clip'
    assert dataset[15][0] == 'b0' and dataset[ClipIndex(14)][0] == 'a2'


@pytest.mark.parametrize('repeats', [(1, ), (2, 0)])
def test_repeats_are_one_number_each(repeats):
    with pytest.raises(ValueError, match='2 data sets take as many'):
        concat(3, 7, repeats=repeats)
