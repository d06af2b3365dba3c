"""Clips are pure functions of their index; frames stream in order."""
import numpy as np
import pytest
import torch
from mmengine.dataset import pseudo_collate
from torch.utils.data import DataLoader

from vosreg.datasets import ClipIndex, ClipSampler, DAVISDataset, VideoDataset, VideoSampler
from vosreg.datasets.transforms import (
    ColorJitter,
    LoadClip,
    LoadFrame,
    PackClip,
    PackFrame,
    RandomFlip,
    RandomFrameAffine,
    RandomGrayscale,
    RandomResizedCrop,
    SampleFrames,
    SelectObjects,
    WarpClip,
)


class ListedVideos(VideoDataset):
    """Videos without files."""

    def __init__(self, lengths, **kwargs):
        self.lengths = lengths
        super().__init__(**kwargs)

    def load_data_list(self):
        return [dict(video=f'video{i}', num_frames=length) for i, length in enumerate(self.lengths)]


def training_pipeline(size=16):
    return [
        SampleFrames(max_skip=2), LoadClip(), RandomFlip(), RandomResizedCrop(size), RandomFrameAffine(), WarpClip(),
        ColorJitter(0.1, 0.03, 0.03), RandomGrayscale(), ColorJitter(0.01, 0.01, 0.01, scope='frame'),
        SelectObjects(), PackClip()
    ]


def _same(a, b):
    return torch.equal(a['inputs'], b['inputs']) and torch.equal(a['data_samples'].masks, b['data_samples'].masks)


def test_the_index_determines_the_clip(davis_tree):
    first, second = (DAVISDataset(davis_tree.root, split='val', pipeline=training_pipeline()) for _ in range(2))
    clips = [first[ClipIndex(1, draw, 2)] for draw in range(6)]
    # In another order, and from another copy of the data set.
    assert all(_same(clips[draw], second[ClipIndex(1, draw, 2)]) for draw in (4, 0, 5, 2, 3, 1))
    assert not any(_same(clips[0], clip) for clip in clips[1:])
    assert not _same(clips[0], DAVISDataset(davis_tree.root, split='val', pipeline=training_pipeline(), seed=1)[1])


def test_a_packed_clip(davis_tree):
    clip = DAVISDataset(davis_tree.root, split='val', pipeline=training_pipeline())[0]
    sample = clip['data_samples']
    assert clip['inputs'].shape == (3, 3, 16, 16) and clip['inputs'].dtype == torch.uint8
    assert sample.masks.shape == (3, 16, 16) and sample.masks.dtype == torch.uint8
    assert sample.video == 'bear' and len(sample.frame_ids) == 3
    assert sample.masks[0].unique().tolist() == list(range(sample.num_objects + 1))


def test_unusable_draws_are_repeated_then_other_videos_tried():
    seen = []

    def choosy(results):
        seen.append((results['video'], results['rng'].integers(2**32)))
        return results['video'] if results['video'] == 'video1' and len(seen) > 5 else None

    dataset = ListedVideos([3, 3, 3], pipeline=[choosy], max_refetch=2)
    assert dataset[ClipIndex(0)] == 'video1'
    assert [video for video, _ in seen] == 3 * ['video0'] + 3 * ['video1']
    assert len({number for _, number in seen}) == 6
    with pytest.raises(RuntimeError, match='no usable training clip in the videos video2, video0'):
        ListedVideos([3, 3, 3], pipeline=[lambda results: None])[ClipIndex(2)]


def test_frames_come_in_order_with_their_places():
    dataset = ListedVideos([2, 1, 3], pipeline=[lambda r: (r['video'], r['frame_index'])], test_mode=True)
    assert len(dataset) == 6
    assert [dataset[i] for i in range(6)] == [('video0', 0), ('video0', 1), ('video1', 0), ('video2', 0),
                                              ('video2', 1), ('video2', 2)]
    for index in (-1, 6):
        with pytest.raises(IndexError, match='of a data set of 6 frames'):
            dataset[index]


def test_lazy_listing_and_subsets():
    dataset = ListedVideos([2, 1, 3], pipeline=[], test_mode=True, lazy_init=True, indices=[2, 0])
    assert len(dataset) == 5
    assert dataset.video_lengths == [3, 2]


def test_a_data_set_without_videos_is_refused():
    with pytest.raises(ValueError, match="ListedVideos found no video under '/no/where'"):
        ListedVideos([], data_root='/no/where')


@pytest.mark.parametrize('num_workers', [0, 2])
def test_workers_see_the_frame_gap_change(num_workers):
    dataset = ListedVideos([100, 100, 100], pipeline=[SampleFrames(3), lambda r: (r['max_skip'], *r['frame_ids'])])
    sampler = ClipSampler(dataset, seed=0)
    sampler.max_skip_schedule = lambda draw: 1 if draw < 12 else 20
    loader = DataLoader(dataset, batch_size=4, sampler=sampler, num_workers=num_workers,
                        persistent_workers=num_workers > 0, collate_fn=list)
    batches = iter(loader)
    clips = [clip for _ in range(6) for clip in next(batches)]
    assert [clip[0] for clip in clips] == 12 * [1] + 12 * [20]
    spans = [max(clip[1:]) - min(clip[1:]) for clip in clips]
    assert max(spans[:12]) <= 4 and max(spans[12:]) > 8


def test_workers_make_the_same_clips(davis_tree):
    dataset = DAVISDataset(davis_tree.root, split='val', pipeline=training_pipeline())

    def batches(num_workers):
        loader = DataLoader(dataset, batch_size=2, sampler=ClipSampler(dataset, seed=3), num_workers=num_workers,
                            collate_fn=pseudo_collate)
        stream = iter(loader)
        return [next(stream) for _ in range(4)]

    for alone, shared in zip(batches(0), batches(2)):
        assert all(torch.equal(a, b) for a, b in zip(alone['inputs'], shared['inputs']))
        assert all(torch.equal(a.masks, b.masks) for a, b in zip(alone['data_samples'], shared['data_samples']))


def test_workers_keep_frames_in_order(davis_tree):
    dataset = DAVISDataset(davis_tree.root, split='val', test_mode=True, pipeline=[LoadFrame(), PackFrame()])
    loader = DataLoader(dataset, batch_size=1, sampler=VideoSampler(dataset), num_workers=2,
                        collate_fn=pseudo_collate)
    places = [(batch['data_samples'][0].video, batch['data_samples'][0].frame_index) for batch in loader]
    assert places == [('bear', i) for i in range(5)] + [('camel', i) for i in range(7)]


def test_a_truncated_frame_is_named(davis_tree):
    path = davis_tree.frame('bear', 2)
    path.write_bytes(path.read_bytes()[:-200])
    dataset = DAVISDataset(davis_tree.root, split='val', test_mode=True, pipeline=[LoadFrame(), PackFrame()])
    with pytest.raises(ValueError, match=r'bear/00002\.jpg: it is truncated'):
        dataset[2]


def test_real_clips(clips_root):
    dataset = DAVISDataset(clips_root / 'DAVIS', split='train', pipeline=training_pipeline(192))
    for draw in range(12):
        clip = dataset[ClipIndex(draw % 3, draw, 10)]
        ids = np.unique(clip['data_samples'].masks.numpy())
        assert set(ids) <= set(range(clip['data_samples'].num_objects + 1))
        assert 1 <= clip['data_samples'].num_objects <= 2
