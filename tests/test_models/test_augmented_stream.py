"""Flips and scales at test time, and the scores that are kept."""
import pytest
import torch
import torch.nn.functional as F
from small_xmem import build_xmem

from vosreg.models.segmentors import AugmentedStream, TestView
from vosreg.structures import VOSDataSample

SIZE = (48, 64)
LENGTH = 4


def build(*views, **test_cfg):
    return build_xmem(test_cfg=dict(mem_every=2, views=list(views) or [dict()], keep_scores=True, **test_cfg)).eval()


@torch.no_grad()
def predict(model, flip=False, tiny=False):
    """Scores of a video of noise, [T, K + 1, 48, 64], whose second object enters at frame 2; possibly mirrored."""
    generator = torch.Generator().manual_seed(0)
    scores = []
    for t in range(LENGTH):
        image = torch.randn(3, *SIZE, generator=generator)
        sample = VOSDataSample(metainfo=dict(video='ant', frame_index=t, video_length=LENGTH, ori_shape=SIZE,
                                             given_ids={0: (7, ), 2: (3, )}.get(t, ())))
        if sample.given_ids:
            mask = torch.zeros(SIZE, dtype=torch.uint8)
            mask[(slice(9, 10), slice(9, 10)) if tiny else (slice(8, 24), slice(4 + 10 * t, 20 + 10 * t))] = max(
                sample.given_ids)
            sample.given_mask = mask.flip(-1) if flip else mask
        (sample, ) = model.predict([image.flip(-1) if flip else image], [sample])
        assert sample.score_ids == ((7, ) if t < 2 else (7, 3))
        ids = torch.tensor([0, *sample.score_ids], dtype=torch.uint8)
        assert torch.equal(sample.pred_mask, ids[sample.scores.argmax(0)])
        scores.append(sample.scores)
    return scores


def difference(scores, others):
    return max((a - b).abs().max() for a, b in zip(scores, others))


def test_a_flip_is_the_mirrored_video():
    flipped, mirrored = predict(build(dict(flip=True))), predict(build(), flip=True)
    assert difference(flipped, [score.flip(-1) for score in mirrored]) == 0
    assert difference(flipped, predict(build())) > 1e-3


def test_views_are_averaged():
    views = dict(), dict(scale=1.5, flip=True)
    single = [predict(build(view)) for view in views]
    mean = [torch.stack(scores).mean(0) for scores in zip(*single)]
    together = predict(build(*views))
    assert difference(together, mean) < 1e-6
    for scores in together:
        assert torch.allclose(scores.sum(0), torch.ones(SIZE), atol=1e-5)
    assert difference(single[1], single[0]) > 1e-3


def test_an_object_too_small_for_a_view_keeps_its_channel():
    scores = predict(build(dict(), dict(scale=0.25)), tiny=True)
    assert [len(score) for score in scores] == [2, 2, 3, 3]


@torch.no_grad()
def test_void_is_no_object():
    model = build(dict(), dict(flip=True))
    stream = AugmentedStream([model.stream() for _ in model.test_views], model.test_views)
    mask = torch.zeros(SIZE, dtype=torch.uint8)
    mask[8:24, 4:20], mask[24:26] = 7, 255
    stream.step(torch.randn(3, *SIZE), mask, None, is_last=True)
    assert stream.first.object_ids == [7]


@pytest.mark.parametrize('size', [SIZE, (96, 150)])
def test_the_most_probable_object_is_found_some_maps_at_a_time(monkeypatch, size):
    """As if the maps of all objects were brought to the size of the result and averaged at once."""
    views = [TestView(), TestView(scale=1.5, flip=True), TestView(scale=0.5)]
    model = build()
    stream = AugmentedStream([model.stream() for _ in views], views)
    stream.first.object_ids = [7, 3, 200, *range(20, 36)]
    generator, resized = torch.Generator().manual_seed(0), []
    probs = [torch.rand(20, int(SIZE[0] * view.scale), int(SIZE[1] * view.scale), generator=generator)
             for view in views]
    whole = torch.stack([view.look_back(prob, size) for view, prob in zip(views, probs)]).mean(0)
    assert torch.equal(stream.scores(probs, size), whole)
    wanted = torch.tensor([0, *stream.first.object_ids], dtype=torch.uint8)[whole.argmax(0)]
    interpolate = F.interpolate
    monkeypatch.setattr(F, 'interpolate', lambda maps, **args: resized.append(len(maps)) or interpolate(maps, **args))
    assert torch.equal(stream.index_mask(probs, size), wanted)
    # A view of the size of the result is taken as it is.
    assert resized == [number for number in (8, 8, 4) for view in views if view.scale != 1 or size != SIZE]
    assert len(wanted.unique()) == 20


@pytest.mark.parametrize('size', [(48, 64), (47, 61)])
def test_there_and_back(size):
    image = torch.linspace(0, 1, size[1]).expand(3, *size)
    for view in (TestView(flip=True), TestView(scale=1.5), TestView(scale=2, flip=True)):
        assert torch.allclose(view.look_back(view.look(image), size), image, atol=0.02)
    assert torch.equal(TestView(flip=True).look(image), image.flip(-1))
    mask = torch.tensor([[0, 5], [0, 0]], dtype=torch.uint8)
    assert TestView(scale=2, flip=True).look_at_mask(mask).tolist() == [[5, 5, 0, 0], [5, 5, 0, 0], [0] * 4, [0] * 4]


def test_wrong_views_are_refused():
    with pytest.raises(ValueError, match='positive factor, not 0'):
        build(dict(scale=0))
    with pytest.raises(ValueError, match=r'views begin with dict\(\)'):
        build(dict(flip=True), record_matches=True)
