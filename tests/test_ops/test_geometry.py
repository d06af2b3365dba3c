"""Affine views: there and back, and where a pixel goes."""
import pytest
import torch

from vosreg.ops import invert_affine, view_matrix, warp

VIEWS = {
    'mirror': (0, 0, 0, 1, -1),
    'crop': (10, -14, 0, 1.5, 1),
    'mirrored crop': (-9.25, 20.5, 0, 1.8, -1),
    'turn': (3, 5, 25, 1.2, 1),
    'mirrored turn': (3, 5, -50, 1.3, -1),
}


def matrices(parameters, size):
    there = view_matrix(*torch.tensor(parameters, dtype=torch.float64), size=size)[None]
    return there, invert_affine(there)


@pytest.mark.parametrize('name', VIEWS)
@pytest.mark.parametrize('size', [(96, 96), (72, 128)])
def test_there_and_back(name, size):
    y, x = torch.meshgrid(*(torch.arange(side, dtype=torch.float64) for side in size), indexing='ij')
    image = torch.stack([y, x, 20 * (y / 15).sin() * (x / 20).cos()])[None]
    there, back = matrices(VIEWS[name], size)
    view = warp(image, back)
    again = warp(view, there)
    shown = warp(warp(torch.ones_like(image), back), there) > 1 - 1e-12
    assert shown.float().mean() > 0.2
    # The coordinates come back exactly, as bilinear interpolation keeps planes; the waves nearly.
    assert (again - image)[:, :2][shown[:, :2]].abs().max() < 1e-9
    assert (again - image)[:, 2:][shown[:, 2:]].abs().max() < 0.1
    torch.testing.assert_close(torch.eye(2, dtype=torch.float64)[None], there[..., :2] @ back[..., :2])


@pytest.mark.parametrize('name', VIEWS)
def test_pixels_stay_square(name):
    """On images of any aspect, distances in pixels grow by the scale in all directions."""
    height, width = 72, 128
    there, _ = matrices(VIEWS[name], (height, width))
    to_pixels = torch.diag(torch.tensor([width / 2, height / 2], dtype=torch.float64))
    linear = to_pixels @ there[0, :, :2] @ to_pixels.inverse()
    scale = VIEWS[name][3]
    torch.testing.assert_close(linear.T @ linear, scale**2 * torch.eye(2, dtype=torch.float64))
    assert torch.sign(torch.linalg.det(linear)) == VIEWS[name][4]


def test_crop_shows_what_it_says():
    """The crop of half the sides whose centre is 8 pixels below and 16 right of the mirrored image's centre."""
    image = torch.arange(48 * 80, dtype=torch.float64).view(1, 1, 48, 80)
    _, back = matrices((8, 16, 0, 2, -1), (48, 80))
    crop = image.flip(3)[:, :, 20:44, 36:76]
    view = warp(image, back)
    torch.testing.assert_close(view.unflatten(3, (40, 2)).unflatten(2, (24, 2)).mean((3, 5)), crop)


def test_mirror_and_identity_are_exact():
    image = torch.rand(1, 3, 24, 40)
    assert torch.equal(warp(image, torch.eye(2, 3)[None], mode='nearest'), image)
    _, back = matrices(VIEWS['mirror'], (24, 40))
    assert torch.equal(warp(image, back, mode='nearest'), image.flip(3))


@pytest.mark.parametrize('mode', ['bilinear', 'nearest'])
def test_autocast_moves_no_pixel(mode):
    image = torch.arange(384.).expand(1, 1, 384, 384)
    back = matrices(VIEWS['mirrored crop'], (384, 384))[1].float()
    with torch.autocast('cpu', dtype=torch.bfloat16):
        view = warp(image, back, mode)
    assert torch.equal(view, warp(image, back, mode))
