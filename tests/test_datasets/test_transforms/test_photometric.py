"""Colour changes against torchvision."""
import numpy as np
import pytest
import torch
import torchvision.transforms.functional as tvf
from PIL import Image
from skimage import data

from vosreg.datasets.transforms import ColorJitter, RandomGrayscale
from vosreg.datasets.transforms.photometric import (
    adjust_brightness,
    adjust_contrast,
    adjust_hue,
    adjust_saturation,
    to_grayscale,
)

IMAGE = np.ascontiguousarray(data.astronaut()[::3, ::3])


def _difference(ours, theirs):
    return np.abs(ours.astype(int) - np.asarray(theirs).astype(int)).max()


@pytest.mark.parametrize('factor', [0.5, 0.9, 1.0, 1.1, 1.6])
@pytest.mark.parametrize('name', ['brightness', 'contrast', 'saturation'])
def test_factors_mean_what_they_mean_in_torchvision(name, factor):
    adjust = dict(brightness=adjust_brightness, contrast=adjust_contrast, saturation=adjust_saturation)[name]
    theirs = getattr(tvf, f'adjust_{name}')(Image.fromarray(IMAGE), factor)
    ours = adjust(IMAGE, factor)
    assert ours.dtype == np.uint8
    assert _difference(ours, theirs) <= 2
    if factor == 1:
        assert np.array_equal(ours, IMAGE)


@pytest.mark.parametrize('shift', [-0.5, -0.05, 0.02, 0.3])
def test_hue_shifts_mean_what_they_mean_in_torchvision(shift):
    theirs = tvf.adjust_hue(torch.from_numpy(IMAGE).permute(2, 0, 1).float() / 255, shift)
    theirs = (theirs * 255).round().permute(1, 2, 0).numpy()
    assert _difference(adjust_hue(IMAGE, shift), theirs) <= 1


def test_grayscale_is_torchvisions():
    theirs = tvf.to_grayscale(Image.fromarray(IMAGE), num_output_channels=3)
    assert _difference(to_grayscale(IMAGE), theirs) <= 1


def _jitter(transform, seed=0, frames=3):
    return transform(dict(images=[IMAGE.copy() for _ in range(frames)], rng=np.random.default_rng(seed)))['images']


def test_clip_scope_treats_frames_alike_and_frame_scope_does_not():
    alike = _jitter(ColorJitter(0.5, 0.5, 0.5, 0.1))
    assert all(np.array_equal(image, alike[0]) for image in alike) and not np.array_equal(alike[0], IMAGE)
    different = _jitter(ColorJitter(0.5, 0.5, 0.5, 0.1, scope='frame'))
    assert not np.array_equal(different[0], different[1])
    assert all(np.array_equal(a, b) for a, b in zip(different, _jitter(ColorJitter(0.5, 0.5, 0.5, 0.1, 'frame'))))


def test_the_order_and_the_strength_are_random_within_bounds():
    transform = ColorJitter(brightness=0.1, contrast=0.03, saturation=2, hue=0.05)
    rng = np.random.default_rng(0)
    draws = [transform._draw(rng) for _ in range(500)]
    assert len({tuple(adjust.__name__ for adjust, _ in draw) for draw in draws}) == 24
    factors = {adjust: [dict(draw)[adjust] for draw in draws] for adjust, _ in draws[0]}
    bounds = {adjust_brightness: (0.9, 1.1), adjust_contrast: (0.97, 1.03), adjust_saturation: (0, 3),
              adjust_hue: (-0.05, 0.05)}
    for adjust, (low, high) in bounds.items():
        margin = 0.05 * (high - low)
        assert low <= min(factors[adjust]) < low + margin and high - margin < max(factors[adjust]) <= high


def test_no_strength_changes_nothing():
    assert all(np.array_equal(image, IMAGE) for image in _jitter(ColorJitter()))


def test_grayscale_comes_with_its_probability():
    grey = [np.ptp(_jitter(RandomGrayscale(0.3), seed, 1)[0], axis=2).max() == 0 for seed in range(200)]
    assert 40 < sum(grey) < 80
    assert all(np.array_equal(image, to_grayscale(IMAGE)) for image in _jitter(RandomGrayscale(1)))


def test_an_unknown_scope_is_refused():
    with pytest.raises(ValueError, match="'clip' or 'frame', not 'video'"):
        ColorJitter(scope='video')
