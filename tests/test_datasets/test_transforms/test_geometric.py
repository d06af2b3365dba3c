"""Composed matrices against OpenCV and torchvision."""
from functools import lru_cache

import cv2
import numpy as np
import pytest
import torch
import torchvision.transforms.functional as tvf
from PIL import Image
from skimage import data
from torchvision.transforms import InterpolationMode
from torchvision.transforms.functional import _get_inverse_affine_matrix

from vosreg.datasets.transforms import RandomFlip, RandomFrameAffine, RandomResizedCrop, WarpClip
from vosreg.datasets.transforms.geometric import affine_matrix


@lru_cache
def photograph(height=200, width=300):
    return cv2.resize(data.coffee(), (width, height), interpolation=cv2.INTER_AREA)


def id_mask(height=200, width=300):
    mask = np.zeros((height, width), np.uint8)
    cv2.circle(mask, (width // 3, height // 2), height // 4, 7, -1)
    cv2.rectangle(mask, (width // 2, height // 4), (width - 40, height - 40), 200, -1)
    return mask


def clip(image, frames=3, seed=0):
    return dict(images=[image.copy() for _ in range(frames)], masks=[id_mask(*image.shape[:2]) for _ in range(frames)],
                rng=np.random.default_rng(seed))


def run(results, *transforms):
    for transform in transforms:
        results = transform(results)
    return results


def decibels(a, b, border=12):
    """Peak signal to noise ratio away from the border."""
    inside = (slice(border, -border), slice(border, -border))
    return -10 * np.log10(((a.astype(float) - b)[inside]**2).mean() / 255**2)


def agreement(a, b, border=12):
    inside = (slice(border, -border), slice(border, -border))
    return (a[inside] == b[inside]).mean()


@pytest.mark.parametrize('interpolation', ['bicubic', 'bilinear'])
def test_a_flip_is_exact(interpolation):
    image = photograph()
    results = run(clip(image), RandomFlip(1.0), WarpClip(interpolation=interpolation))
    assert all(np.array_equal(frame, image[:, ::-1]) for frame in results['images'])
    assert all(np.array_equal(mask, id_mask()[:, ::-1]) for mask in results['masks'])


def test_half_of_the_clips_are_flipped_whole():
    rng = np.random.default_rng(0)
    matrices = [RandomFlip()({**clip(photograph(8, 8)), 'rng': rng})['matrices'] for _ in range(400)]
    assert all((frames == frames[0]).all() for frames in matrices)
    assert 160 < sum(frames[0, 0, 0] == -1 for frames in matrices) < 240


@pytest.mark.parametrize('seed', range(4))
def test_affine_matrix_is_torchvisions(seed):
    rng = np.random.default_rng(seed)
    angle, shear, scale = rng.uniform(-15, 15), rng.uniform(-10, 10), rng.uniform(0.8, 1.2)
    shift = rng.uniform(-9, 9, 2)
    matrix = affine_matrix((60, 80), angle, shear, scale, shift)
    centre = [(80 - 1) / 2, (60 - 1) / 2]
    inverse = _get_inverse_affine_matrix(centre, angle, shift.tolist(), scale, [shear, 0.0])
    np.testing.assert_allclose(np.linalg.inv(matrix)[:2], np.reshape(inverse, (2, 3)), atol=1e-9)


@pytest.mark.parametrize('seed', range(3))
def test_one_frame_affine_equals_torchvisions_image(seed):
    rng = np.random.default_rng(seed)
    angle, shear = rng.uniform(-15, 15), rng.uniform(-10, 10)
    results = clip(photograph(), 1)
    results.update(matrices=affine_matrix((200, 300), angle, shear, 1, (0, 0))[None], out_size=(200, 300))
    warped = WarpClip(interpolation='bilinear')(results)
    chain = tvf.affine(torch.from_numpy(photograph()).permute(2, 0, 1), angle, [0, 0], 1.0, [shear, 0.0],
                       InterpolationMode.BILINEAR, fill=[124, 116, 104])
    assert decibels(warped['images'][0], chain.permute(1, 2, 0).numpy(), border=1) > 38
    mask = tvf.affine(torch.from_numpy(id_mask())[None], angle, [0, 0], 1.0, [shear, 0.0])[0]
    assert agreement(warped['masks'][0], mask.numpy(), border=1) > 0.997


def test_each_frame_moves_by_itself_within_the_ranges():
    results = RandomFrameAffine(rotation=15, shear=10)(clip(photograph(), 400))
    linear = results['matrices'][:, :2, :2]
    angles = np.degrees(np.arctan2(linear[:, 1, 0], linear[:, 0, 0]))
    assert -15 <= angles.min() < -14 and 14 < angles.max() <= 15
    np.testing.assert_allclose(np.linalg.det(linear), 1)
    unrotated = np.stack([cv2.getRotationMatrix2D((0, 0), angle, 1)[:, :2] @ m for angle, m in zip(angles, linear)])
    shears = np.degrees(np.arctan(-unrotated[:, 0, 1]))
    assert -10 <= shears.min() < -9.5 and 9.5 < shears.max() <= 10
    centre = np.array([149.5, 99.5, 1])
    np.testing.assert_allclose(results['matrices'] @ centre, np.tile(centre, (400, 1)))


def test_scale_and_translation_of_frames():
    transform = RandomFrameAffine(rotation=0, shear=0, scale=(0.9, 1.1), translation=0.1)
    matrices = transform(clip(photograph(), 300))['matrices']
    assert 0.9 <= matrices[:, 0, 0].min() < 0.91 and 1.09 < matrices[:, 0, 0].max() <= 1.1
    shifts = (matrices @ np.array([149.5, 99.5, 1]))[:, :2] - (149.5, 99.5)
    assert 28 < np.abs(shifts[:, 0]).max() <= 30 and 18 < np.abs(shifts[:, 1]).max() <= 20


def test_crops_follow_the_ranges_and_stay_inside():
    transform = RandomResizedCrop(64)
    rng = np.random.default_rng(0)
    crops = np.array([transform._draw(480, 854, rng) for _ in range(2000)])
    top, left, height, width = crops.T
    assert top.min() >= 0 and left.min() >= 0 and (top + height).max() <= 480 and (left + width).max() <= 854
    share, ratio = height * width / (480 * 854), width / height
    assert 0.355 < share.min() < 0.37
    assert ratio.min() > 0.74 and ratio.max() < 1.35 and ratio.max() - ratio.min() > 0.5


def test_a_frame_too_narrow_for_the_crop_gives_its_middle():
    assert RandomResizedCrop(64, scale=(1, 1))._draw(100, 1000, np.random.default_rng(0)) == (0, 433, 100, 133)
    assert RandomResizedCrop(64, scale=(1, 1))._draw(1000, 100, np.random.default_rng(0)) == (433, 0, 133, 100)


@pytest.mark.parametrize(('size', 'least'), [((150, 150), 40), ((96, 96), 38), ((48, 64), 36)])
def test_a_crop_equals_torchvisions(size, least):
    results = RandomResizedCrop(size, scale=(0.36, 0.9))(clip(photograph(), 1, seed=2))
    top, left, height, width = RandomResizedCrop(size, scale=(0.36, 0.9))._draw(200, 300, np.random.default_rng(2))
    WarpClip()(results)
    reference = tvf.resized_crop(Image.fromarray(photograph()), top, left, height, width, size,
                                 InterpolationMode.BICUBIC)
    assert results['images'][0].shape == (*size, 3)
    assert decibels(results['images'][0], np.asarray(reference), border=3) > least
    mask = tvf.resized_crop(Image.fromarray(id_mask()), top, left, height, width, size, InterpolationMode.NEAREST)
    assert agreement(results['masks'][0], np.asarray(mask), border=1) > 0.98


@pytest.mark.parametrize('seed', range(4))
def test_composing_equals_a_chain_of_warps(seed):
    transforms = (RandomFlip(), RandomResizedCrop(160, scale=(0.5, 1)), RandomFrameAffine())
    composed = run(clip(photograph(), 2, seed), *transforms)
    chained = clip(photograph(), 2, seed)
    for transform in transforms:
        run(chained, transform, WarpClip())
        chained.pop('matrices')
    once = WarpClip()(composed)
    for t in range(2):
        # Near the border the chain shows its fill, the composed warp the frame.
        assert decibels(once['images'][t], chained['images'][t], border=45) > 34
        assert agreement(once['masks'][t], chained['masks'][t], border=45) > 0.97


def test_matrices_map_points_like_the_chain_of_steps():
    results = run(clip(photograph(), 2, seed=7), RandomFlip(1.0), RandomResizedCrop(160), RandomFrameAffine())
    rng = np.random.default_rng(7)
    rng.random()
    top, left, height, width = RandomResizedCrop(160)._draw(200, 300, rng)
    point = np.array([120.0, 80.0])
    flipped = np.array([299 - point[0], point[1]])
    cropped = (flipped + 0.5 - (left, top)) * (160 / width, 160 / height) - 0.5
    for t in range(2):
        angle, shear, scale = rng.uniform(-15, 15), rng.uniform(-10, 10), rng.uniform(1, 1)
        rng.uniform(0, 0, 2)
        turned = affine_matrix((160, 160), angle, shear, scale, (0, 0)) @ (*cropped, 1)
        np.testing.assert_allclose(results['matrices'][t] @ (*point, 1), turned, atol=1e-9)


def test_the_warp_sees_beyond_the_crop_and_fills_outside_the_frame():
    image = np.full((100, 100, 3), 50, np.uint8)
    results = clip(image, 1)
    # A crop of the middle, then a rotation: the corners show the frame, not the fill.
    inside = affine_matrix((60, 60), 15, 0, 1, (0, 0)) @ np.array([[1, 0, -20], [0, 1, -20], [0, 0, 1]])
    results.update(matrices=inside[None], out_size=(60, 60))
    assert (WarpClip()(results)['images'][0] == 50).all()
    results = clip(image, 1)
    results.update(matrices=affine_matrix((100, 100), 0, 0, 0.5, (0, 0))[None], out_size=(100, 100))
    warped = WarpClip(fill=(1, 2, 3))(results)
    assert warped['images'][0][5, 5].tolist() == [1, 2, 3] and warped['images'][0][50, 50].tolist() == [50, 50, 50]
    assert warped['masks'][0][5, 5] == 0


@pytest.mark.parametrize('seed', range(3))
def test_masks_keep_their_ids(seed):
    results = run(clip(photograph(), 3, seed), RandomFlip(), RandomResizedCrop(96), RandomFrameAffine(), WarpClip())
    assert {mask.dtype for mask in results['masks']} == {np.dtype(np.uint8)}
    assert all(set(np.unique(mask)) <= {0, 7, 200} for mask in results['masks'])
    assert [mask.shape for mask in results['masks']] == 3 * [(96, 96)]


def test_shrinking_does_not_alias():
    stripes = np.zeros((240, 240, 3), np.uint8)
    stripes[:, ::2] = 255
    results = clip(stripes, 1)
    results.update(matrices=np.diag([1 / 3, 1 / 3, 1])[None], out_size=(80, 80))
    shrunk = WarpClip()(results)['images'][0][5:-5, 5:-5]
    assert abs(shrunk.mean() - 127.5) < 2 and shrunk.std() < 12


def test_an_unknown_interpolation_is_refused():
    with pytest.raises(ValueError, match="'bicubic', 'bilinear'.*'lanczos'"):
        WarpClip(interpolation='lanczos')
