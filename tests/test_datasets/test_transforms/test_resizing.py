"""Sizes for testing."""
import numpy as np
import pytest
from skimage import data

from vosreg.datasets.transforms import ResizeShortSide


def _resize(height, width, size):
    mask = np.zeros((height, width), np.uint8)
    mask[height // 4:height // 2, width // 4:width // 2] = 9
    results = dict(image=np.full((height, width, 3), 90, np.uint8), given_mask=mask, gt_mask=mask,
                   ori_shape=(height, width))
    return ResizeShortSide(size)(results)


@pytest.mark.parametrize(('shape', 'size', 'expected'), [((240, 432), 480, (480, 864)), ((1080, 1920), 480, (480, 853)),
                                                         ((853, 480), 240, (426, 240)), ((480, 854), 480, (480, 854))])
def test_the_short_side_gets_the_size(shape, size, expected):
    results = _resize(*shape, size)
    assert results['image'].shape == (*expected, 3) and (results['image'] == 90).all()
    assert results['given_mask'].shape == expected
    assert np.unique(results['given_mask']).tolist() == [0, 9]
    share = (results['given_mask'] == 9).mean()
    assert abs(share - 1 / 16) < 0.002
    assert results['gt_mask'].shape == results['ori_shape'] == shape


def test_a_mask_doubles_exactly():
    mask = np.random.default_rng(0).integers(0, 4, (24, 32), dtype=np.uint8)
    results = ResizeShortSide(48)(dict(image=np.zeros((24, 32, 3), np.uint8), given_mask=mask))
    assert np.array_equal(results['given_mask'], mask.repeat(2, 0).repeat(2, 1))


def test_frames_without_a_mask():
    image = np.ascontiguousarray(data.astronaut())
    results = ResizeShortSide(256)(dict(image=image))
    means = image.reshape(256, 2, 256, 2, 3).mean((1, 3))
    assert np.abs(results['image'] - means).max() <= 1
    assert 'given_mask' not in results
