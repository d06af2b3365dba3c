"""YouTube-VOS: late objects, sparse annotations, what the server wants."""
import json

import numpy as np
import pytest

from vosreg.datasets import YouTubeVOSDataset
from vosreg.datasets.transforms import LoadFrame, PackFrame, SampleFrames
from vosreg.datasets.youtube_vos import frame_step
from vosreg.fileio import write_mask

STREAM = dict(test_mode=True, pipeline=[LoadFrame(), PackFrame()])


class YouTubeTree:
    """A split with one video of 6 frames, every fifth of a longer one; object 2 enters at the third."""
    stems = [f'{5 * index:05d}' for index in range(6)]

    def __init__(self, root, make_frames, make_mask, split='valid'):
        self.root, self.split = root, root / split
        make_frames(self.split / 'JPEGImages' / 'cat', 6, names=[f'{stem}.jpg' for stem in self.stems])
        write_mask(self.mask(0), make_mask((1, )))
        write_mask(self.mask(2), make_mask((0, 2)))
        self.meta = {'cat': {'1': self.entry(0), '2': self.entry(2)}}
        self.write_meta()

    def entry(self, first, last=6):
        return dict(category='cat', frames=self.stems[first:last])

    def mask(self, index, video='cat'):
        return self.split / 'Annotations' / video / f'{self.stems[index]}.png'

    def write_meta(self):
        videos = {video: dict(objects=objects) for video, objects in self.meta.items()}
        (self.split / 'meta.json').write_text(json.dumps(dict(videos=videos)))


@pytest.fixture
def tree(tmp_path, make_frames, make_mask):
    return YouTubeTree(tmp_path / 'YouTubeVOS', make_frames, make_mask)


def test_late_objects_are_given_at_their_first_frame(tree, make_mask):
    dataset = YouTubeVOSDataset(tree.root, split='valid', **STREAM)
    video = dataset.get_data_info(0)
    assert (video['given'], video['given_objects']) == ([0, 2], {0: (1, ), 2: (2, )})
    samples = [dataset[index]['data_samples'] for index in range(len(dataset))]
    assert [index for index, sample in enumerate(samples) if 'given_mask' in sample] == [0, 2]
    assert np.array_equal(samples[2].given_mask.numpy(), make_mask((0, 2)))
    assert all(sample.object_ids == (1, 2) for sample in samples)
    assert not any('gt_mask' in sample for sample in samples), 'a mask of new objects is no ground truth'
    assert samples[0].categories == {1: 'cat', 2: 'cat'}


def test_masks_of_all_objects_show_only_what_is_new(tree, make_mask):
    """As when training videos are held out: every mask shows all objects, and one that meta.json does not list."""
    for index in range(6):
        write_mask(tree.mask(index), make_mask((1, 3 * (index > 0), 2 * (index > 1))))
    samples = [item['data_samples'] for item in YouTubeVOSDataset(tree.root, split='valid', **STREAM)]
    assert np.array_equal(samples[2].given_mask.numpy(), make_mask((0, 0, 2)))
    assert [index for index, sample in enumerate(samples) if 'gt_mask' in sample] == [1, 3, 4, 5]
    assert np.array_equal(samples[1].gt_mask.numpy(), make_mask((1, )))
    assert np.array_equal(samples[3].gt_mask.numpy(), make_mask((1, 0, 2)))

    dataset = YouTubeVOSDataset(tree.root, split='valid', annotations=tree.split / 'Annotations', **STREAM)
    assert np.array_equal(dataset[2]['data_samples'].gt_mask.numpy(), make_mask((1, 0, 2)))


def test_all_frames_but_results_for_the_listed_ones(tree, make_frames):
    tree.meta['cat']['1'] = tree.entry(0, 5)
    tree.meta['cat']['2'] = tree.entry(2, 4)
    tree.write_meta()
    everything = tree.root / 'valid_all_frames' / 'JPEGImages'
    make_frames(everything / 'cat', 26, names=[f'{index:05d}.jpg' for index in range(26)])
    dataset = YouTubeVOSDataset(tree.root, split='valid', all_frames=everything, **STREAM)
    samples = [item['data_samples'] for item in dataset]
    assert len(samples) == 26
    assert [sample.frame_name for sample in samples if sample.result_wanted] == tree.stems[:5]
    assert [sample.frame_index for sample in samples if 'given_mask' in sample] == [0, 10]
    assert [sample.given_ids for sample in samples if sample.given_ids] == [(1, ), (2, )]
    assert dataset.wanted_results() == [('cat', tuple(tree.stems[:5]), (24, 32), (1, 2))]
    assert dataset.submission_root == 'Annotations'


def test_training_counts_gaps_in_frames_of_the_video(tree, make_mask):
    for index in range(6):
        write_mask(tree.mask(index), make_mask((1, 2)))
    (tree.split / 'meta.json').unlink()
    dataset = YouTubeVOSDataset(tree.root, split='valid')
    video = dataset.get_data_info(0)
    assert None not in video['mask_paths'] and video['frame_step'] == 5
    gaps = set()
    for seed in range(60):
        clip = dict(video, rng=np.random.default_rng(seed), max_skip=5)
        gaps.update(np.abs(np.diff(SampleFrames()(clip)['frame_ids'])).tolist())
    assert max(gaps) == 2, 'with max_skip = 5 at most one annotated frame is skipped'


@pytest.mark.parametrize('names, step', [(['00003', '00008', '00013'], 5), (['frame1', 'frame2'], 1), (['7'], 1)])
def test_frame_step(names, step):
    assert frame_step(names) == step


def test_a_list_of_videos(tree, make_frames, tmp_path):
    make_frames(tree.split / 'JPEGImages' / 'dog', 2)
    assert [video['video'] for video in YouTubeVOSDataset(tree.root, split='valid').load_data_list()] == ['cat', 'dog']
    (tmp_path / 'subset.txt').write_text('dog\n\n')
    for videos in (['dog'], str(tmp_path / 'subset.txt')):
        dataset = YouTubeVOSDataset(tree.root, split='valid', videos=videos)
        assert (dataset.num_videos, dataset.get_data_info(0)['video']) == (1, 'dog')
    with pytest.raises(FileNotFoundError, match='none.txt'):
        YouTubeVOSDataset(tree.root, split='valid', videos='none.txt')


def test_errors_name_the_place(tree, make_mask):
    def refused(error, match):
        with pytest.raises(error, match=match):
            YouTubeVOSDataset(tree.root, split='valid', **STREAM)

    tree.meta['cat']['3'] = tree.entry(3)
    tree.write_meta()
    refused(FileNotFoundError, r"object 3 of the video 'cat'.*cat/00015\.png")
    tree.meta['cat'].pop('3')
    tree.meta['cat']['2']['frames'] = ['00010', '00099']
    tree.write_meta()
    refused(ValueError, "frame 00099 of the video 'cat'")
    tree.meta['cat']['2']['frames'] = []
    tree.write_meta()
    refused(ValueError, "no frame of the object 2 of the video 'cat'")
    (tree.split / 'meta.json').write_text('{"videos": {"cat": []}}')
    refused(ValueError, r'meta\.json.*should hold')
    (tree.split / 'meta.json').unlink()
    refused(FileNotFoundError, r'valid/meta\.json')
    with pytest.raises(FileNotFoundError, match='nowhere/JPEGImages'):
        YouTubeVOSDataset(tree.root, split='nowhere')


def test_the_real_clips(clips_root):
    dataset = YouTubeVOSDataset(clips_root / 'YouTubeVOS', split='valid', test_mode=True,
                                pipeline=[LoadFrame(), PackFrame()])
    videos = {video['video']: video for video in map(dataset.get_data_info, range(dataset.num_videos))}
    given = {name: {index: len(ids) for index, ids in video['given_objects'].items()}
             for name, video in videos.items()}
    assert given == {'1001_3iEIq5HBY1s': {0: 44}, '1007_YCTBBdbKSSg': {0: 43}, 'caps': {0: 1},
                     'late-objects': {0: 4, 10: 3}}
    assert len(dataset) == sum(len(video['result_frames']) for video in videos.values()) == 216
    start = 45 + 44
    truth = [index for index in range(87) if videos['caps']['mask_paths'][index]]
    assert truth == [14, 33, 43, 66]
    late = dataset[start + 33]['data_samples']
    assert late.object_ids == (1, ) and late.gt_mask.max() == 1, 'object 2 of caps is not listed'
