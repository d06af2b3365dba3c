"""The object-level loss on features made up here: against plain loops, what pairs with what, and bad input."""
import math

import numpy as np
import pytest
import torch

from vosreg.models.correspondence import ObjectCorrespondence
from vosreg.models.correspondence.object import match_one_to_one, positive_pairs
from vosreg.models.correspondence.regions import Regions, find_regions
from vosreg.structures import ClipViews, FeatureSpec, FrameFeatures, VOSDataSample

SPEC = FeatureSpec(8, 8, 6, {})


def make_views(clips=3, frames=3, height=6, width=8) -> ClipViews:
    generator = torch.Generator().manual_seed(0)
    key, context = (torch.randn(clips * frames, channels, height, width, generator=generator).requires_grad_()
                    for channels in (8, 6))
    return ClipViews(FrameFeatures(key=key, context=context, pyramid={}))


def quarters(frames=3, numbers=(1, 2, 3, 4), height=48, width=64):
    masks = torch.zeros(frames, height, width, dtype=torch.uint8)
    for number, (top, left) in zip(numbers, [(0, 0), (0, 1), (1, 0), (1, 1)]):
        masks[:, top * height // 2:(top + 1) * height // 2, left * width // 2:(left + 1) * width // 2] = number
    return masks


def make_samples(clips=3, frames=3):
    """Objects 1 and 2, the second of which is not in the last frame, and two discovered regions."""
    samples = []
    for index in range(clips):
        masks, proposals = quarters(frames, (1, 2, 0, 0)), quarters(frames, (0, 0, 1, 2))
        masks[-1][masks[-1] == 2] = 0
        samples.append(VOSDataSample(masks=masks, proposals=proposals, metainfo=dict(video=f'video{index}')))
    return samples


def compute(views, samples, **options):
    return ObjectCorrespondence(SPEC, **dict(dict(weight=1, min_similarity=-1), **options))(
        views, samples, iteration=0)['loss_object']


def plain_info_nce(regions, positive, temperature, batch_negatives):
    """The definition, region by region."""
    terms = []
    score = (regions.descriptors @ regions.descriptors.T / temperature).tolist()
    for r in range(len(regions)):
        negatives = []
        for n in range(len(regions)):
            same_clip, same_video = regions.clip[r] == regions.clip[n], regions.video[r] == regions.video[n]
            if (same_clip and n != r and not positive[r, n]) or (batch_negatives and not same_video):
                negatives.append(math.exp(score[r][n]))
        for p in range(len(regions)):
            if positive[r, p]:
                terms.append(-math.log(math.exp(score[r][p]) / (math.exp(score[r][p]) + sum(negatives))))
    return sum(terms) / len(terms)


@pytest.mark.parametrize('batch_negatives', [True, False])
@pytest.mark.parametrize('sources', [dict(), dict(discovered=False), dict(annotated=False)], ids=str)
def test_the_loss_is_that_of_a_plain_loop(sources, batch_negatives):
    views, samples = make_views(), make_samples()
    samples[2].set_metainfo(dict(video='video0'))
    names = [name for name, kind in (('masks', 'annotated'), ('proposals', 'discovered')) if sources.get(kind, True)]
    regions = find_regions(views.first.key.detach().unflatten(0, (3, 3)), samples, names)
    positive = positive_pairs(regions, -1)
    expected = plain_info_nce(regions, positive, 0.2, batch_negatives)
    loss = compute(views, samples, temperature=0.2, batch_negatives=batch_negatives, **sources)
    assert loss.item() == pytest.approx(expected, rel=1e-5)
    # 3 clips: object 1 in 3 pairs of frames, object 2 in 1, two discovered regions in 3 pairs; both directions.
    assert positive.sum() == 3 * 2 * (4 * ('masks' in names) + 6 * ('proposals' in names))


def test_the_order_of_the_regions_does_not_matter():
    views, samples = make_views(), make_samples()
    before = compute(views, samples)
    for one in samples:
        one.masks = torch.tensor([0, 2, 1], dtype=torch.uint8)[one.masks.long()]
        one.proposals[1] = torch.tensor([0, 2, 1], dtype=torch.uint8)[one.proposals[1].long()]
    torch.testing.assert_close(compute(views, samples), before)


def test_negatives_of_the_batch_make_it_harder():
    views, samples = make_views(), make_samples()
    assert compute(views, samples) > 1.2 * compute(views, samples, batch_negatives=False)
    for one in samples:
        one.set_metainfo(dict(video='the same'))
    assert compute(views, samples) == compute(views, samples, batch_negatives=False)


def regions_of(descriptors, frames, numbers=None, discovered=True):
    descriptors = torch.nn.functional.normalize(torch.tensor(descriptors, dtype=torch.float32), dim=1)
    zeros = torch.zeros(len(frames), dtype=torch.long)
    return Regions(descriptors, zeros, zeros, torch.tensor(frames), torch.tensor(numbers or frames),
                   torch.full((len(frames), ), discovered))


def test_discovered_regions_pair_one_to_one():
    # Frame 1's first region is nearest to both of frame 0, and its third to none.
    regions = regions_of([[1, 0, 0], [1, 0.5, 0], [1, 0.1, 0], [0.4, 1, 0], [0, 0, 1]], frames=[0, 0, 1, 1, 1])
    similarity = regions.descriptors @ regions.descriptors.T
    assert similarity[1, 2] > similarity[1, 3]
    assert positive_pairs(regions, 0.5).nonzero().tolist() == [[0, 2], [1, 3], [2, 0], [3, 1]]
    assert positive_pairs(regions, 0.9).nonzero().tolist() == [[0, 2], [2, 0]]


def test_matching_maximises_the_sum():
    rows, columns = match_one_to_one(np.array([[0.9, 0.8], [0.8, 0.1], [0.2, 0.0]]), 0)
    assert (rows.tolist(), columns.tolist()) == ([0, 1], [1, 0])


def test_annotated_objects_pair_by_number_between_frames_only():
    regions = regions_of(np.eye(5), frames=[0, 0, 1, 2, 2], numbers=[1, 2, 2, 1, 3], discovered=False)
    assert positive_pairs(regions, 2).nonzero().tolist() == [[0, 3], [1, 2], [2, 1], [3, 0]]


def test_training_pulls_pairs_together_and_others_apart():
    views, samples = make_views(), make_samples()
    optimizer = torch.optim.Adam([views.first.key], lr=0.05)

    def margin():
        regions = find_regions(views.first.key.detach().unflatten(0, (3, 3)), samples, ['masks'])
        similarity = regions.descriptors @ regions.descriptors.T
        positive = positive_pairs(regions, 0)
        others = ~positive & ~torch.eye(len(regions), dtype=torch.bool)
        return similarity[positive].min() - similarity[others].max()

    assert margin() < -0.5
    for _ in range(30):
        optimizer.zero_grad()
        compute(views, samples, discovered=False).backward()
        optimizer.step()
    assert margin() > 0.2


def test_gradients_are_those_of_the_features():
    views = make_views(2, 2)
    samples = make_samples(2, 2)
    loss = ObjectCorrespondence(SPEC, projection_channels=4)
    loss(views, samples, 0)['loss_object'].backward()
    assert loss.projection.weight.grad.any() and views.first.context.grad.any() and views.first.key.grad is None
    assert not list(ObjectCorrespondence(SPEC).parameters())


def test_schedule_and_weight():
    views, samples = make_views(), make_samples()
    loss = ObjectCorrespondence(SPEC, weight=0.5, min_similarity=-1, schedule=dict(type='LinearRamp', start=0, end=4))
    full = compute(views, samples)
    assert loss(views, samples, 0)['loss_object'] == 0
    torch.testing.assert_close(loss(views, samples, 2)['loss_object'], 0.25 * full)


def no_objects(samples):
    for one in samples:
        one.masks, one.proposals = torch.zeros_like(one.masks), torch.zeros_like(one.masks)


def no_fields(samples):
    for one in samples:
        del one.masks, one.proposals


def too_small(samples):
    no_objects(samples)
    for one in samples:
        one.masks[:, 3:8, 3:8] = one.proposals[:, 20:23, 20:40] = 1


def one_frame_each(samples):
    no_objects(samples)
    for one in samples:
        one.masks[0, :20, :20] = 1


@pytest.mark.parametrize('change', [no_objects, no_fields, too_small, one_frame_each])
def test_nothing_to_pair_is_a_zero_with_a_gradient(change):
    views, samples = make_views(), make_samples()
    change(samples)
    loss = compute(views, samples)
    assert loss == 0
    loss.backward()
    assert views.first.key.grad is not None and not views.first.key.grad.any()


def test_a_pair_without_a_negative_costs_nothing():
    views, samples = make_views(1, 2), make_samples(1, 2)
    samples[0].masks, samples[0].proposals = quarters(2, (1, )), torch.zeros(2, 48, 64, dtype=torch.uint8)
    loss = compute(views, samples)
    assert loss == 0
    loss.backward()
    assert views.first.key.grad.isfinite().all()


def test_features_that_are_not_finite_are_named():
    views = make_views()
    views.first.key.data[4, 0, 0, 0] = math.nan
    with pytest.raises(FloatingPointError, match='ObjectCorrespondence: .* of video video1 are not finite'):
        compute(views, make_samples())


def test_options_that_make_no_sense():
    with pytest.raises(ValueError, match='needs regions'):
        ObjectCorrespondence(SPEC, annotated=False, discovered=False)
    with pytest.raises(ValueError, match='temperature is a positive number, not 0'):
        ObjectCorrespondence(SPEC, temperature=0)
