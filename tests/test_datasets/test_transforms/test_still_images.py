"""The warps of pseudo clips against torchvision and SciPy."""
import cv2
import numpy as np
import pytest
import torch
import torchvision.transforms.functional as tvf
from scipy.interpolate import RBFInterpolator
from skimage import data

from vosreg.datasets.transforms import RandomFrameCrop, RandomThinPlateSpline, RandomZoom, RepeatImage, WarpClip
from vosreg.datasets.transforms.geometric import compose


def clip(height, width, frames=3, seed=0):
    image = cv2.resize(data.coffee(), (width, height), interpolation=cv2.INTER_AREA)
    mask = np.zeros((height, width), np.uint8)
    cv2.circle(mask, (width // 3, height // 2), height // 4, 7, -1)
    return dict(images=[image] * frames, masks=[mask] * frames, rng=np.random.default_rng(seed))


def decibels(a, b, border=8):
    inside = (slice(border, -border), slice(border, -border))
    return -10 * np.log10(((a.astype(float) - b)[inside]**2).mean() / 255**2)


def test_repeat_image():
    assert RepeatImage(4)({})['frame_ids'] == [0, 0, 0, 0]


def test_zoom_keeps_the_centre_and_is_of_the_whole_clip():
    results = RandomZoom((2, 2))(clip(40, 60))
    assert results['out_size'] == (40, 60)
    assert np.allclose(results['matrices'] @ [29.5, 19.5, 1], [29.5, 19.5, 1])
    assert np.allclose(results['matrices'] @ [30.5, 19.5, 1], [31.5, 19.5, 1])
    scales = [RandomZoom((0.8, 1.5))(clip(40, 60, seed=seed))['matrices'][:, 0, 0] for seed in range(200)]
    assert all((frames == frames[0]).all() for frames in scales)
    assert 0.8 <= np.min(scales) < 0.85 and 1.45 < np.max(scales) <= 1.5


@pytest.mark.parametrize('height, width', [(200, 300), (300, 200), (100, 333), (96, 96)])
def test_crop_is_torchvisions_resize_and_crop(height, width):
    results = RandomFrameCrop(160)(clip(height, width, seed=height))
    resized_size = [160 * side // min(height, width) for side in (height, width)]
    resized = tvf.resize(torch.from_numpy(results['images'][0]).permute(2, 0, 1), resized_size,
                         tvf.InterpolationMode.BICUBIC, antialias=True)
    lefts = []
    for t, image in enumerate(WarpClip()({**results, 'images': list(results['images']),
                                          'masks': list(results['masks'])})['images']):
        zoom = np.diag(results['matrices'][t])[:2]
        left, top = np.rint(0.5 * zoom - 0.5 - results['matrices'][t][:2, 2]).astype(int)
        assert 0 <= left <= resized_size[1] - 160 and 0 <= top <= resized_size[0] - 160
        lefts.append((left, top))
        expected = resized[:, top:top + 160, left:left + 160].permute(1, 2, 0).numpy()
        assert decibels(image, expected) > 33
    assert len(set(lefts)) == (1 if height == width else 3), 'each frame has a place of its own'


def test_the_spline_is_scipys():
    size = (240, 320)
    results = RandomThinPlateSpline(1.0)(clip(*size, frames=1, seed=3))
    rng = np.random.default_rng(3)
    rng.random()
    points = rng.uniform(0, (320, 240), (12, 2))
    moves = rng.normal(0, 0.02, (12, 2)) * (320, 240)
    pixels = np.stack(np.meshgrid(np.arange(320), np.arange(240)), axis=-1).reshape(-1, 2)
    expected = RBFInterpolator(points, moves, kernel='thin_plate_spline')(pixels).reshape(*size, 2)
    bend = results['bends'][0]
    assert bend.shape == (*size, 2) and bend.dtype == np.float32
    assert abs(bend - expected).mean() < 0.02 and np.quantile(abs(bend - expected), 0.999) < 0.2
    assert abs(expected).max() > 2


def test_some_frames_are_bent():
    results = RandomThinPlateSpline(0.33)(clip(16, 16, frames=300))
    assert 75 < sum(bend is not None for bend in results['bends']) < 125


def test_bending_is_composed_with_the_matrix():
    """A bend that is a shift everywhere is the same as the matrix of the shift."""
    matrix = np.array([[0.9, 0.1, 3], [-0.1, 1.2, 5], [0, 0, 1.0]])
    shift = np.array([[1, 0, -4], [0, 1, 7], [0, 0, 1.0]])
    bent = compose(clip(120, 160, 1), matrix, (100, 150))
    bent['bends'] = [np.broadcast_to(np.float32([4, -7]), (100, 150, 2))]
    shifted = compose(compose(clip(120, 160, 1), matrix, (100, 150)), shift, (100, 150))
    bent, shifted = WarpClip()(bent), WarpClip()(shifted)
    assert decibels(bent['images'][0], shifted['images'][0]) > 40
    assert (bent['masks'][0] == shifted['masks'][0]).mean() > 0.995
    assert 'bends' not in bent
