"""The pixel-level losses on features made up here: what counts, what does not, and bad input."""
import pytest
import torch
import torch.nn.functional as F

from vosreg.models.correspondence import PixelCorrespondence
from vosreg.models.correspondence.pixel import align, jittered_grid, sample
from vosreg.ops import invert_affine, squared_distance_scores, view_matrix
from vosreg.structures import ClipViews, FeatureSpec, FrameFeatures, VOSDataSample

SPEC = FeatureSpec(8, 8, 6, {})
# Reaches beyond the image on all sides.
ZOOMED_OUT = view_matrix(*torch.tensor([0., 0, 20, 0.6, -1]), size=(80, 104))


def random_views(clips=2, frames=3, height=10, width=13, matrix=ZOOMED_OUT) -> ClipViews:
    generator = torch.Generator().manual_seed(0)

    def features(number):
        key, context = (torch.randn(number, channels, height, width, generator=generator).requires_grad_()
                        for channels in (8, 6))
        return FrameFeatures(key=key, context=context, pyramid={})

    matrices = invert_affine(matrix).expand(clips, frames, 2, 3)
    return ClipViews(features(clips * frames), features(clips), features(clips * (frames - 1)), matrices)


def samples(clips=2):
    return [VOSDataSample(metainfo=dict(video=f'video{index}')) for index in range(clips)]


def compute(views, **options):
    loss = PixelCorrespondence(SPEC, **options)
    return loss(views, samples(len(views.matrices)), iteration=0)


def total(views, **options):
    return sum(compute(views, **options).values())


@pytest.mark.parametrize('ignore_uncovered', [True, False])
def test_gradients_go_where_the_official_ones_go(ignore_uncovered):
    views = random_views()
    total(views, ignore_uncovered=ignore_uncovered).backward()
    first = views.first.key.grad.unflatten(0, (2, 3)).flatten(2).abs().sum(2)
    assert (first > 0).all()
    assert views.second_start.key.grad.any()
    assert views.second_rest.key.grad is None
    assert views.first.context.grad is None


def test_the_temporal_term_leaves_the_second_view_alone():
    views = random_views()
    total(views, cross_view_weight=0).backward()
    assert not views.second_start.key.grad.any() and views.second_rest.key.grad is None


def test_a_projection_is_trained_instead_of_the_key():
    views = random_views()
    loss = PixelCorrespondence(SPEC, projection_channels=4)
    sum(loss(views, samples(), iteration=0).values()).backward()
    assert loss.projection.weight.shape == (4, 6, 3, 3) and loss.projection.weight.grad.any()
    assert views.first.context.grad.any() and views.second_rest.context.grad is None
    assert views.first.key.grad is None
    assert not list(PixelCorrespondence(SPEC).parameters())


def test_uncovered_positions_count_only_in_the_official_way():
    views = random_views()
    _, covered = align(views.first.key.unflatten(0, (2, 3)), views.matrices)
    hidden = ~covered[:, 1:].reshape(4, 1, 10, 13)
    assert 0.3 < hidden.float().mean() < 0.8
    temporal = {ignore: compute(views, ignore_uncovered=ignore)['loss_pixel_temporal'] for ignore in (True, False)}
    # Where all 64 * 2 scores are equal, every label costs log 128.
    mixed = torch.lerp(temporal[True], 0.20 * torch.tensor(128.).log(), hidden.float().mean())
    torch.testing.assert_close(temporal[False], mixed)
    views.second_rest.key = views.second_rest.key + 3 * hidden * torch.rand(8, 1, 1)
    for ignore, before in temporal.items():
        torch.testing.assert_close(compute(views, ignore_uncovered=ignore)['loss_pixel_temporal'], before)

    def cross_view(ignore):
        return compute(views, ignore_uncovered=ignore, cross_view_anchors=10)['loss_pixel_cross_view']

    before = {ignore: cross_view(ignore) for ignore in (True, False)}
    views.second_start.key = views.second_start.key + 5 * ~covered[:, 0].reshape(2, 1, 10, 13)
    assert cross_view(True) == before[True]
    assert cross_view(False) != before[False]


def test_official_treatment_of_uncovered_positions():
    """There, scores are warped with zeros and every position counts."""
    views = random_views()
    first, second = (keys.key.detach().unflatten(0, (2, -1)) for keys in (views.first, views.second_rest))
    loss = PixelCorrespondence(SPEC, ignore_uncovered=False)
    anchors = first[:, 0].flatten(2)[:, :, ::9].transpose(1, 2)
    aligned, covered = align(first, views.matrices)
    scores = squared_distance_scores(anchors.flatten(0, 1).T[None], first.transpose(1, 2).flatten(2).transpose(
        0, 1).flatten(1)[None])[0].T.unflatten(1, (2, 3, 10, 13)).permute(1, 2, 0, 3, 4).flatten(0, 1)
    grid = F.affine_grid(views.matrices.flatten(0, 1), list(scores.shape), align_corners=False)
    warped = F.grid_sample(scores, grid, mode='nearest', align_corners=False).unflatten(0, (2, 3))[:, 1:]
    own = squared_distance_scores(anchors.transpose(1, 2), second.transpose(1, 2).flatten(2)).argmax(2)
    labels = own.unflatten(1, (2, 10, 13)) + torch.tensor([0, anchors.shape[1]])[:, None, None, None]
    expected = F.cross_entropy(warped.flatten(0, 1), labels.flatten(0, 1))
    actual = loss.temporal_loss(anchors, aligned[:, 1:], covered[:, 1:], second)
    torch.testing.assert_close(actual, expected, atol=1e-4, rtol=0)


def test_nothing_covered_costs_nothing():
    far = torch.tensor([[1., 0, 9], [0, 1, 0]])
    views = random_views(matrix=far)
    losses = compute(views)
    assert all(loss == 0 for loss in losses.values())
    sum(losses.values()).backward()
    assert views.first.key.grad.isfinite().all()


def test_one_clip():
    """Only its own positions are told apart; 4 x 4 anchors that are equally likely cost log 16."""
    views = random_views(clips=1, matrix=torch.eye(2, 3))
    losses = compute(views, anchors=4, temporal_weight=1)
    assert all(loss > 0 for loss in losses.values())
    for features in (views.first, views.second_start, views.second_rest):
        features.key = torch.zeros_like(features.key)
    losses = compute(views, anchors=4, temporal_weight=1, cross_view_weight=1)
    assert losses['loss_pixel_temporal'] == pytest.approx(torch.tensor(16.).log())
    assert losses['loss_pixel_cross_view'] == pytest.approx(torch.tensor(16.).log())


def test_right_features_cost_nothing():
    """Each position has a feature of its own, the same in all frames and, moved along, in the second view."""
    mirror = view_matrix(*torch.tensor([0., 0, 0, 1, -1]), size=(80, 104))
    views = random_views(clips=2, matrix=mirror)
    key = 20 * torch.randn(2, 8, 10, 13, generator=torch.Generator().manual_seed(1))
    views.first.key = key.repeat_interleave(3, 0)
    views.second_start.key, views.second_rest.key = key.flip(3), key.flip(3).repeat_interleave(2, 0)
    # With as many anchors as there are positions in each direction, every position is its own anchor.
    loss = compute(views, anchors=13, cross_view_anchors=13)
    assert all(value < 1e-5 for value in loss.values())
    views.second_start.key, views.second_rest.key = key, key.repeat_interleave(2, 0)
    assert all(value > 0.1 for value in compute(views, anchors=13, cross_view_anchors=13).values())


@pytest.mark.parametrize('part, frame', [('first', 4), ('second_start', 1), ('second_rest', 2)])
def test_features_that_are_not_finite_name_the_loss(part, frame):
    views = random_views()
    getattr(views, part).key.data[frame, 0, 0, 0] = float('nan')
    with pytest.raises(FloatingPointError, match='PixelCorrespondence: the features of video video1 are not finite '
                                                 'at iteration 7'):
        PixelCorrespondence(SPEC)(views, samples(), iteration=7)


class Fraction:
    """A generator of one number."""

    def __init__(self, number):
        self.number = number

    def random(self):
        return self.number


@pytest.mark.parametrize('size, per_side', [((24, 24), 8), ((15, 27), 8), ((6, 9), 8)])
def test_grid_reaches_every_position(size, per_side):
    height, width = size
    grids = jittered_grid([Fraction(i / 50) for i in range(50)], size, per_side)
    number = min(per_side, height) * min(per_side, width)
    assert grids.shape == (50, number) and all(len(grid.unique()) == number for grid in grids)
    assert set((grids // width).flatten().tolist()) == set(range(height))
    assert set((grids % width).flatten().tolist()) == set(range(width))


def test_sample():
    maps = torch.arange(2 * 3 * 4 * 5.).view(2, 3, 4, 5)
    positions = torch.tensor([[7, 0], [19, 3]])
    expected = torch.stack([maps[0, :, 1, 2], maps[0, :, 0, 0], maps[1, :, 3, 4], maps[1, :, 0, 3]]).view(2, 2, 3)
    assert torch.equal(sample(maps, positions), expected)
