"""The pixel-level losses against the official implementation of the correspondence paper."""
import numpy as np
import pytest
import torch
from torch import Tensor

from vosreg.models.correspondence import PixelCorrespondence
from vosreg.models.correspondence.pixel import (
    align,
    anchor_scores,
    jittered_grid,
    matching_errors,
    pseudo_labels,
    sample,
)
from vosreg.ops import invert_affine, squared_distance_scores, view_matrix, warp
from vosreg.structures import FeatureSpec

CLIPS, FRAMES = 3, 3


class FixedJitter:
    """A generator that moves a grid by given rows and columns."""

    def __init__(self, moves, step):
        self.numbers = iter((move + 0.5) / step for move in moves)

    def random(self):
        return next(self.numbers)


@pytest.fixture(scope='module')
def golden(golden_root):
    with np.load(golden_root / 'pixel_correspondence.npz') as archive:
        return {name: torch.from_numpy(archive[name]) for name in archive}


@pytest.fixture
def keys(golden):
    """Leaves of the keys of both views [9, 64, 24, 24], and by clip [3, 3, 64, 24, 24]."""
    leaves = [golden[name].float().requires_grad_() for name in ('key1', 'key2')]
    return leaves, [leaf.unflatten(0, (CLIPS, FRAMES)) for leaf in leaves]


@pytest.fixture
def matrices(golden):
    return golden['view1_affine'].unflatten(0, (CLIPS, FRAMES))


def close(actual: Tensor, expected: Tensor, atol: float) -> None:
    torch.testing.assert_close(actual, expected, atol=atol, rtol=0, check_dtype=False)


def views(parameters: Tensor, size=(384, 384)) -> Tensor:
    return view_matrix(*parameters.unbind(-1), size=size)


def test_view_geometry(golden):
    """The official rotation of a mirrored image (the last example) is a shear with an inexact inverse; ours is not."""
    expected, expected_inverse = golden['affine_matrix'].clone(), golden['affine_inverse']
    matrix = views(golden['affine_params'])
    expected[7, 1, 0] *= -1
    close(matrix, expected, 1e-6)
    close(invert_affine(matrix)[:7], expected_inverse[:7], 1e-6)
    last = matrix[7, :, :2]
    close(last.T @ last, 1.1**2 * torch.eye(2, dtype=torch.float64), 1e-12)

    close(invert_affine(views(golden['clip_params'])).flatten(0, 1), golden['view1_affine'], 1e-6)
    close(invert_affine(views(golden['augment_params'])), golden['augment_affine_inverse'], 1e-6)


def test_second_view_image(golden):
    """A library's resize, which looks at nothing beyond the crop, against one warp: they differ at the border."""
    dy, dx, angle, _, flip = golden['augment_params']
    crop = golden['augment_crop_top_left_h_w'][2]  # Whole pixels, which the official matrix neglects.
    matrix = invert_affine(view_matrix(dy, dx, angle, 384 / crop, flip, (384, 384)))
    image = golden['augment_input'].permute(2, 0, 1)[None].double()
    difference = (warp(image, matrix[None])[0].permute(1, 2, 0) - golden['augment_output']).abs()
    print(f'second view: {difference.mean():.2f} grey levels on average, {difference[2:-2, 2:-2].max():.2f} inside')
    assert difference.mean() < 0.5
    assert difference[2:-2, 2:-2].max() < 2


def test_scores(golden):
    scores = squared_distance_scores(golden['aff_mk'][None], golden['aff_qk'][None])[0].T
    close(scores, golden['aff_out'], 1e-4)
    close(scores.softmax(1), golden['aff_softmax'], 1e-5)


def test_grids(golden):
    for name, per_side, step in (('anchor_index', 8, 3), ('ref_index', 4, 6)):
        start = golden[name][:, 0, 0].tolist()
        generators = [FixedJitter((first // 24, first % 24), step) for first in start]
        grid = jittered_grid(generators, (24, 24), per_side)
        assert torch.equal(grid, golden[name].flatten(1)), name


@torch.no_grad()
def test_alignment(golden, keys, matrices):
    aligned, covered = align(keys[1][0], matrices)
    assert torch.equal(aligned.flatten(0, 1)[:, ::4], golden['key1_aligned_ch_strided'].float())
    assert torch.equal(keys[0][1][:, ::4], golden['key2_aligned_ch_strided'].float())
    assert covered.all()


@torch.no_grad()
def test_labels_and_errors(golden, keys, matrices):
    first, second = keys[1]
    anchors = sample(first[:, 0], golden['anchor_index'].flatten(1))
    aligned, _ = align(first, matrices)
    scores = anchor_scores(aligned, anchors.flatten(0, 1))
    maps = scores.unflatten(2, (24, 24)).permute(0, 1, 4, 2, 3).flatten(0, 1)
    close(maps[:, :, ::3, ::3], golden['vals_strided'], 1e-4)
    statistics = torch.stack([maps.mean((1, 2, 3)), maps.flatten(1).std(1, unbiased=False), maps.amin((1, 2, 3)),
                              maps.amax((1, 2, 3))], dim=1)
    close(statistics, golden['vals_stats'], 1e-4)

    labels = pseudo_labels(second, anchors) + 64 * torch.arange(CLIPS)[:, None, None]
    assert torch.equal(labels.flatten(0, 1), golden['pseudo'].flatten(1))
    errors = matching_errors(scores, labels)
    close(errors.flatten(0, 1), golden['error_map'].flatten(1), 1e-4)
    close(errors[:, 0].mean(), golden['reference_frame_error_mean'], 1e-5)


def test_losses_and_gradients(golden, keys, matrices):
    (key1, key2), (first, second) = keys
    loss = PixelCorrespondence(FeatureSpec(16, 64, 1024, {}))
    places = golden['ref_index'].flatten(1)
    aligned, covered = align(first, matrices)
    temporal = loss.temporal_loss(
        sample(first[:, 0], golden['anchor_index'].flatten(1)), aligned[:, 1:], covered[:, 1:], second[:, 1:])
    cross_view = loss.cross_view_loss(
        sample(aligned[:, 0], places), sample(second[:, 0], places), covered[:, 0].gather(1, places))
    close(temporal, golden['temp_loss'], 1e-5)
    close(cross_view, golden['cross_key_loss'], 1e-5)
    total = 0.04 * cross_view + 0.20 * temporal
    close(total, golden['weighted_loss'], 1e-5)
    print(f'temporal {temporal:.7f} against {golden["temp_loss"]:.7f}, cross-view {cross_view:.8f} against '
          f'{golden["cross_key_loss"]:.8f}')

    total.backward()
    for key, name in ((key1, 'grad_key1_stats'), (key2, 'grad_key2_stats')):
        gradient, expected = key.grad.double().flatten(1), golden[name]
        statistics = torch.stack([gradient.mean(1), gradient.std(1, unbiased=False), gradient.amin(1),
                                  gradient.amax(1)], dim=1)
        torch.testing.assert_close(statistics[:, 1:], expected[:, 1:], rtol=1e-3, atol=1e-12)
        # Means are sums of cancelling numbers: compared on the scale of what they sum.
        assert ((statistics[:, 0] - expected[:, 0]).abs() <= 1e-3 * expected[:, 1]).all()
    later = key2.grad.unflatten(0, (CLIPS, FRAMES))[:, 1:]
    assert not later.any() and key2.grad.any()
