"""MatchPrecision as MMEngine's evaluator drives it, from recorded matches and from a model."""
import numpy as np
import pytest
import torch
from mmengine.evaluator import Evaluator
from mmengine.registry import DefaultScope

from vosreg.datasets.synthetic import SyntheticVOS
from vosreg.evaluation.metrics import MatchPrecision
from vosreg.registry import MODELS
from vosreg.structures import KeyGrid, Matches, VOSDataSample

PIPELINE = [dict(type='RenderFrame'), dict(type='PackFrame')]
GRID = KeyGrid(size=(4, 4), stride=8, padding=(0, 0), image_size=(32, 32))


def samples(truths, matched_frames, locations, length=3):
    """A video whose queries each have one match: frame t to the frame given, at the given locations."""
    for t in range(length):
        sample = VOSDataSample(metainfo=dict(
            video='ant', frame_index=t, frame_name=f'{t:05d}', video_length=length, frame_path='', ori_shape=(32, 32),
            object_ids=(3, )))
        if truths[t] is not None:
            sample.gt_mask = torch.from_numpy(truths[t])
        if t:
            frames = torch.full((16, 1), matched_frames[t])
            sample.matches = Matches(torch.ones(16, 1), frames, locations[:, None], GRID)
        yield sample


def mask(column):
    """An object as wide as one location, in some column of locations."""
    truth = np.zeros((32, 32), np.uint8)
    truth[:, 8 * column:8 * column + 8] = 3
    return truth


def evaluate(samples):
    evaluator, samples = Evaluator([MatchPrecision()]), list(samples)
    for sample in samples:
        evaluator.process([sample])
    return evaluator.evaluate(len(samples))


def test_matches_to_the_same_place():
    """The object moves by one column and everything is matched to its own place: only background can be right."""
    here = torch.arange(16)
    metrics = evaluate(samples([mask(0), mask(1), mask(2)], [None, 0, 1], here))
    assert metrics == pytest.approx({'match/object-mass': 0, 'match/object-top1': 0,
                                     'match/background-mass': 2 / 3, 'match/background-top1': 2 / 3})


def test_matches_that_follow_the_object():
    left = torch.arange(16).view(4, 4).roll(1, dims=1).flatten()
    metrics = evaluate(samples([mask(0), mask(1), mask(2)], [None, 0, 1], left))
    assert set(metrics.values()) == {1.0}


def test_frames_without_truth_are_skipped():
    left = torch.arange(16).view(4, 4).roll(1, dims=1).flatten()
    metrics = evaluate(samples([mask(0), None, mask(1)], [None, 0, 0], left))
    assert set(metrics.values()) == {1.0}
    assert evaluate(samples([mask(0), None, None], [None, 0, 0], left)) == {}


def test_a_model_that_records_nothing_is_an_error():
    sample = next(samples([mask(0)], [None], torch.arange(16), length=1))
    with pytest.raises(ValueError, match='record_matches'):
        evaluate([sample])


class StillScene:
    """Nothing moves, also where no pixel is."""

    def trace(self, t1, t2, points):
        return points, np.ones(points.shape[:2], bool)


def test_centres_in_the_padding_are_no_queries():
    """Of 26x26 pixels, padded by 6 columns and rows at the left and the top, the last three columns and rows have
    their centres inside. Only these are matched to their own place.
    """
    inside = torch.arange(16).view(4, 4)[1:, 1:].flatten()
    sample = list(samples([None] * 2, [None, 0], torch.arange(16), length=2))
    for place in (inside, []):
        best = (torch.arange(16) + 8) % 16
        best[place] = torch.arange(16)[place]
        grid = KeyGrid(size=(4, 4), stride=8, padding=(6, 6), image_size=(26, 26))
        sample[1].matches = Matches(torch.ones(16, 1), torch.zeros(16, 1, dtype=torch.int64), best[:, None], grid)
        sample[1].set_metainfo(dict(scene=StillScene(), ori_shape=(26, 26)))
        assert evaluate(sample)['match/flow-1'] == float(len(place) > 0)


def model(**test_cfg):
    torch.manual_seed(0)
    return MODELS.build(dict(
        type='MatchingVOS',
        key_encoder=dict(
            type='KeyEncoder',
            backbone=dict(type='TIMMBackbone', model_name='resnet18'),
            key_channels=8,
            context_channels=16),
        value_encoder=dict(type='LightValueEncoder', value_channels=16, num_blocks=1),
        head=dict(type='ReadoutHead', channels=(16, 16, 16)),
        test_cfg=dict(mem_every=2, **test_cfg))).eval()


def test_a_model_on_rendered_video():
    """Two frames that are the same find themselves; what is recorded changes no mask."""
    with DefaultScope.overwrite_default_scope('vosreg'):
        videos = SyntheticVOS(num_videos=1, num_frames=4, size=(64, 80), split='val', test_mode=True, pipeline=PIPELINE)
    frames = [videos[t] for t in range(4)]
    frames[1]['inputs'] = frames[0]['inputs']

    def run(network):
        outputs = []
        for frame in frames:
            data = network.data_preprocessor(dict(
                inputs=[frame['inputs']], data_samples=[frame['data_samples'].clone()]))
            with torch.no_grad():
                outputs += network.predict(**data)
        return outputs

    plain, recorded = run(model()), run(model(record_matches=True))
    assert all(torch.equal(a.pred_mask, b.pred_mask) for a, b in zip(plain, recorded))
    assert 'matches' not in plain[1] and 'matches' not in recorded[0]
    matches = recorded[1].matches
    assert matches.locations[:, 0].tolist() == list(range(4 * 5)) and not matches.frames.any()
    torch.testing.assert_close(matches.weights.sum(1), torch.ones(20))
    assert recorded[3].matches.frames.unique().tolist() == [0, 2]
    metrics = evaluate(recorded)
    assert 0 <= metrics['match/flow-1'] <= metrics['match/flow-2'] <= 1
    assert 0.1 < metrics['match/background-mass'] <= 1


def test_recorded_frames_are_those_in_memory():
    """The first mask is given in frame 2, another object enters in frame 5, and the frame before is remembered too."""
    stream = model(record_matches=True, include_last=True).stream()
    given = {2: torch.zeros(50, 70, dtype=torch.uint8), 5: torch.zeros(50, 70, dtype=torch.uint8)}
    given[2][5:20, 5:20], given[5][30:45, 40:60] = 3, 7
    recorded = []
    for t in range(9):
        stream.step(torch.randn(3, 50, 70), given.get(t))
        recorded.append(stream.matches and stream.matches.frames.unique().tolist())
    assert recorded == [None] * 3 + [[2], [2, 3], [2, 4], [2, 4, 5], [2, 4, 5, 6], [2, 4, 5, 7]]
    assert stream.matches.grid == KeyGrid(size=(4, 5), stride=16, padding=(5, 7), image_size=(50, 70))
