"""Labelled and unlabelled videos in one training."""
from collections import Counter

import pytest
from mmengine.registry import init_default_scope

from vosreg.datasets import ClipIndex, ClipSampler, MixedVideoDataset, SyntheticVOS, VideoFolderDataset
from vosreg.datasets.transforms import (
    DropAnnotations,
    LoadClip,
    PackClip,
    RenderClip,
    SampleFrames,
    SelectObjects,
)
from vosreg.datasets.video_dataset import VideoDataset
from vosreg.registry import DATASETS


@DATASETS.register_module()
class NamedVideos(VideoDataset):
    """Items are (name of the data set, number of the video, draw, max_skip)."""

    def __init__(self, name, number, **kwargs):
        self.name, self.number = name, number
        super().__init__(**kwargs)

    def load_data_list(self):
        return [dict(video=f'{self.name}{index}', num_frames=4) for index in range(self.number)]

    def __getitem__(self, index):
        assert index.video < self.num_videos
        return self.name, index.video, index.draw, index.max_skip


def mix(*numbers, **options):
    init_default_scope('vosreg')
    return MixedVideoDataset(
        [dict(type='NamedVideos', name=name, number=number) for name, number in zip('abc', numbers)], **options)


def test_every_batch_has_the_ratio():
    dataset = mix(2, 30, 5, ratio=(1, 4, 2))
    assert ''.join(dataset[draw][0] for draw in range(14)) == 'abbbbccabbbbcc'
    assert len(dataset) == dataset.num_videos == 37
    assert ''.join(mix(3, 3)[draw][0] for draw in range(4)) == 'abab'


def test_each_data_set_is_shuffled_in_rounds_of_its_own():
    dataset = mix(3, 20, ratio=(1, 2))
    clips = [dataset[ClipIndex(video=7, draw=draw, max_skip=5)] for draw in range(90)]
    few, many = ([clip for clip in clips if clip[0] == name] for name in 'ab')
    assert Counter(video for _, video, _, _ in few) == dict.fromkeys(range(3), 10)
    assert Counter(video for _, video, _, _ in many) == dict.fromkeys(range(20), 3)
    rounds = [[video for _, video, _, _ in many[start:start + 20]] for start in (0, 20, 40)]
    assert all(sorted(order) == list(range(20)) for order in rounds) and rounds[0] != rounds[1] != rounds[2]
    assert [draw for *_, draw, _ in clips] == list(range(90)) and {clip[3] for clip in clips} == {5}
    again, other = mix(3, 20, ratio=(1, 2)), mix(3, 20, ratio=(1, 2), seed=1)
    assert clips == [again[ClipIndex(0, draw, 5)] for draw in range(90)]
    assert clips != [other[ClipIndex(0, draw, 5)] for draw in range(90)]


def test_the_sampler_draws_from_it():
    dataset = mix(3, 5)
    indices = iter(ClipSampler(dataset, seed=0))
    assert [dataset[next(indices)][0] for _ in range(20)] == 10 * ['a', 'b']


@pytest.mark.parametrize('ratio', [(1, ), (1, 0), (1, 2, 3)])
def test_a_ratio_that_makes_no_sense(ratio):
    with pytest.raises(ValueError, match='a mix of 2 data sets takes as many whole numbers'):
        mix(2, 3, ratio=ratio)


def test_a_folder_of_frames_without_masks(tmp_path, make_frames):
    for video in ('cat', 'dog'):
        make_frames(tmp_path / video, 4)
    dataset = VideoFolderDataset(tmp_path, pipeline=[SampleFrames(3, max_skip=1), LoadClip(), PackClip()])
    sample = dataset[1]['data_samples']
    assert (dataset.num_videos, sample.video, sample.num_objects) == (2, 'dog', 0)
    assert sample.masks.shape == (3, 24, 32) and not sample.masks.any()
    assert {frame for draw in range(20) for frame in dataset[ClipIndex(0, draw)]['data_samples'].frame_ids} == {
        0, 1, 2, 3}


@pytest.mark.parametrize('options', [dict(test_mode=True), dict(annotations_root='truth')])
def test_testing_needs_masks(tmp_path, make_frames, options):
    make_frames(tmp_path / 'cat', 2)
    with pytest.raises(ValueError, match='need masks_root: only training goes without'):
        VideoFolderDataset(tmp_path / 'cat', **options)


def test_annotations_can_be_dropped():
    pipeline = [SampleFrames(2), RenderClip()]
    options = dict(num_videos=2, num_frames=4, size=(48, 64))
    labelled = SyntheticVOS(pipeline=[*pipeline, SelectObjects(), PackClip()], **options)[0]
    unlabelled = SyntheticVOS(pipeline=[*pipeline, DropAnnotations(), PackClip()], **options)[0]
    assert (labelled['inputs'] == unlabelled['inputs']).all()
    assert labelled['data_samples'].num_objects > 0 == unlabelled['data_samples'].num_objects
    assert not unlabelled['data_samples'].masks.any()
