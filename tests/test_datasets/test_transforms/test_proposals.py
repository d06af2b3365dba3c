"""Discovered regions in the pipeline of a clip."""
import numpy as np
import pytest
import torch

from vosreg.datasets import DAVISDataset
from vosreg.datasets.discovery import HierarchicalGrouping, proposals_path, write_proposals
from vosreg.datasets.transforms import (
    DiscoverObjects,
    LoadClip,
    LoadProposals,
    PackClip,
    RandomFlip,
    RandomFrameAffine,
    RandomResizedCrop,
    SampleFrames,
    WarpClip,
)


def test_they_move_as_masks_do():
    rng = np.random.default_rng(0)
    masks = [rng.integers(0, 5, (60, 80)).astype(np.uint8) for _ in range(3)]
    results = dict(
        images=[np.zeros((60, 80, 3), np.uint8)] * 3, masks=list(masks), proposals=list(masks),
        rng=np.random.default_rng(3))
    for transform in (RandomFlip(1), RandomResizedCrop((48, 40)), RandomFrameAffine(), WarpClip()):
        results = transform(results)
    for mask, proposals, before in zip(results['masks'], results['proposals'], masks):
        assert mask.shape == (48, 40) and mask.any()
        assert np.array_equal(mask, proposals) and not np.array_equal(mask, before[:48, :40])


def test_a_flip_of_regions_alone():
    regions = np.arange(12, dtype=np.uint8).reshape(3, 4)
    results = dict(images=[np.zeros((3, 4, 3), np.uint8)], masks=[0 * regions], proposals=[regions],
                   rng=np.random.default_rng(0))
    results = WarpClip()(RandomFlip(1)(results))
    assert np.array_equal(results['proposals'][0], regions[:, ::-1]) and not results['masks'][0].any()


@pytest.fixture
def root(davis_tree, tmp_path):
    """Regions of bear; those of camel are missing."""
    bear = DAVISDataset(davis_tree.root, split='val').get_data_info(0)
    masks = [np.full((24, 32), index + 1, np.uint8) for index in range(4)] + [np.zeros((24, 32), np.uint8)]
    write_proposals(proposals_path(tmp_path / 'proposals', 'bear'), 'DAVIS', bear, {}, masks)
    return tmp_path / 'proposals'


def clips(davis_tree, **options):
    pipeline = [SampleFrames(3, max_skip=2), LoadClip(), LoadProposals(**options), PackClip()]
    return DAVISDataset(davis_tree.root, split='val', pipeline=pipeline)


def test_the_chosen_frames_are_loaded_and_packed(davis_tree, root):
    sample = clips(davis_tree, root=root)[0]['data_samples']
    assert sample.proposals.shape == (3, 24, 32) and sample.proposals.dtype == torch.uint8
    # Files number the regions of a frame from 1; the last frame has none.
    assert sample.proposals.amax((1, 2)).tolist() == [int(index < 4) for index in sample.frame_ids]


def test_a_missing_file_is_an_error_or_skipped(davis_tree, root):
    with pytest.raises(FileNotFoundError, match=r'no proposals .*camel\.json'):
        clips(davis_tree, root=root)[1]
    sample = clips(davis_tree, root=root, missing='skip')[1]['data_samples']
    assert sample.proposals.shape == (3, 24, 32) and not sample.proposals.any()
    with pytest.raises(ValueError, match="'error' or 'skip', not 'ignore'"):
        LoadProposals(root, missing='ignore')


def test_a_file_of_another_data_set_is_an_error_or_skipped(davis_tree, root):
    (root / 'bear.json').rename(root / 'camel.json')
    with pytest.raises(ValueError, match="are of the video 'bear' .* not of the video 'camel'"):
        clips(davis_tree, root=root)[1]
    assert not clips(davis_tree, root=root, missing='skip')[1]['data_samples'].proposals.any()


def test_a_clip_without_regions_has_no_field(davis_tree):
    dataset = DAVISDataset(davis_tree.root, split='val', pipeline=[SampleFrames(3), LoadClip(), PackClip()])
    assert 'proposals' not in dataset[0]['data_samples']


def test_discovery_in_the_pipeline():
    image = np.full((40, 60, 3), 120, np.uint8)
    image[10:30, 10:30] = (250, 20, 20)
    image[10:30, 40:55] = (20, 20, 250)
    mask = np.zeros((40, 60), np.uint8)
    mask[10:30, 40:55] = 1
    options = dict(type='HierarchicalGrouping', max_regions=3)
    results = DiscoverObjects(options)(dict(images=[image, image], masks=[mask, 0 * mask]))
    for drawn, proposals in zip([mask, 0 * mask], results['proposals']):
        assert np.array_equal(proposals, HierarchicalGrouping(max_regions=3)(image, drawn))
    assert results['proposals'][0][20, 50] == 0 < results['proposals'][1][20, 50]
    assert results['proposals'][0][20, 20] > 0
