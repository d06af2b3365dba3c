"""The numbers of the official DAVIS evaluation (golden/evaluation.json), all of them."""
import json

import cv2
import numpy as np
import pytest

from vosreg.evaluation.functional import (
    METRIC_NAMES,
    OBJECT_METRIC_NAMES,
    FrameScores,
    assign_proposals,
    boundary_accuracy,
    boundary_radius,
    quarter_borders,
    region_similarity,
    score_frame,
    score_proposals,
    series_statistics,
    summarize,
)
from vosreg.fileio import object_ids

TOLERANCE = dict(rel=0, abs=1e-9)
SEQUENCES = ('tennis', 'bmx-trees', 'schoolgirls', 'judo-480p')


@pytest.fixture(scope='module')
def golden(golden_root):
    return json.loads((golden_root / 'evaluation.json').read_text())


@pytest.fixture(scope='module')
def masks(golden_root):
    with np.load(golden_root / 'evaluation_masks.npz') as arrays:
        return {name.replace('_', '-'): arrays[name] for name in arrays}


def _shift(mask):
    return cv2.warpAffine(mask, np.float32([[1, 0, 4], [0, 1, 2]]), mask.shape[::-1], flags=cv2.INTER_NEAREST)


def _erode(mask):
    square = np.ones((5, 5), np.uint8)
    return sum(i * cv2.erode((mask == i).astype(np.uint8), square) for i in range(1, mask.max() + 1))


PREDICTORS = {
    'lag3': lambda truth, t: truth[max(t - 3, 0)],
    'shift': lambda truth, t: _shift(truth[t]),
    'erode': lambda truth, t: _erode(truth[t]) if truth[t].any() else truth[t],
    'empty': lambda truth, t: np.zeros_like(truth[t]),
    'perfect': lambda truth, t: truth[t],
}


@pytest.fixture(scope='module')
def scores(masks):
    """(predictor, sequence) -> the scores of its frames, computed when first asked for."""
    known = {}

    def score(predictor, sequence):
        if (predictor, sequence) not in known:
            truth = masks[sequence]
            ids = object_ids(truth[0])
            known[predictor, sequence] = [
                score_frame(PREDICTORS[predictor](truth, t), truth[t], ids, sequence) for t in range(1, len(truth) - 1)
            ]
        return known[predictor, sequence]

    return score


@pytest.mark.parametrize('sequence', SEQUENCES)
@pytest.mark.parametrize('predictor', PREDICTORS)
def test_predictor(golden, scores, predictor, sequence):
    frames = scores(predictor, sequence)
    expected = golden['predictors'][predictor]['sequences'][sequence]
    summary = summarize({sequence: frames})
    assert len(summary['objects']) == len(expected['objects'])
    for numbers in expected['objects']:
        index = numbers['object'] - 1
        assert [frame.region[index] for frame in frames] == pytest.approx(numbers['J'], **TOLERANCE)
        assert [frame.boundary[index] for frame in frames] == pytest.approx(numbers['F'], **TOLERANCE)
        assert summary['objects'][f'{sequence}_{numbers["object"]}'] == pytest.approx(
            {name: numbers[name] for name in OBJECT_METRIC_NAMES}, **TOLERANCE)
    assert summary['global'] == pytest.approx(expected['global'], **TOLERANCE)
    assert tuple(summary['global']) == METRIC_NAMES


@pytest.mark.parametrize('predictor', PREDICTORS)
def test_global_is_the_mean_over_objects(golden, scores, predictor):
    summary = summarize({sequence: scores(predictor, sequence) for sequence in SEQUENCES[:3]})
    expected = golden['predictors'][predictor]['global_tennis_bmx-trees_schoolgirls']
    assert len(summary['objects']) == 9
    assert summary['global'] == pytest.approx(expected, **TOLERANCE)


@pytest.mark.parametrize('sequence', SEQUENCES)
def test_boundary_radius(golden, sequence):
    info = golden['sequences'][sequence]
    assert boundary_radius((info['height'], info['width'])) == info['boundary_radius']


def test_edge_cases(golden):
    truth, prediction, void, empty = np.zeros((4, 40, 60), bool)
    truth[10:20, 10:30] = prediction[12:22, 14:30] = void[:, 25:] = True
    full = np.ones_like(truth)
    assert {
        'J_plain': region_similarity(prediction, truth),
        'J_void': region_similarity(prediction, truth, void),
        'F_plain': boundary_accuracy(prediction, truth),
        'F_void': boundary_accuracy(prediction, truth, void),
        'J_both_empty': region_similarity(empty, empty),
        'F_both_empty': boundary_accuracy(empty, empty),
        'J_gt_empty': region_similarity(prediction, empty),
        'F_gt_empty': boundary_accuracy(prediction, empty),
        'F_pred_empty': boundary_accuracy(empty, truth),
        'F_full_image': boundary_accuracy(full, full),
    } == pytest.approx({k: v for k, v in golden['edge_cases'].items() if k != 'description'}, **TOLERANCE)


@pytest.mark.parametrize('length', [3, 5, 9, 20, 68, 78, 300])
def test_statistics(golden, length):
    expected = golden['statistics_examples']['results'][str(length)]
    values = np.random.Generator(np.random.PCG64(length)).random(length)
    statistics = series_statistics(values)
    assert quarter_borders(length).tolist() == expected['bin_edges_0_based']
    assert statistics['Mean'] == pytest.approx(expected['mean'], **TOLERANCE)
    assert statistics['Recall'] == pytest.approx(expected['recall'], **TOLERANCE)
    decay = expected['decay']
    if decay is None:  # the official borders wrap around at 256
        decay = values[0:76].mean() - values[224:300].mean()
    assert statistics['Decay'] == pytest.approx(decay, **TOLERANCE)


def test_unsupervised(golden, masks):
    frames = [score_proposals(p, t, 2) for p, t in zip(masks['judo-480p-rvos'], masks['judo-480p'])]
    region, boundary = np.stack([f[0] for f in frames]), np.stack([f[1] for f in frames])
    chosen = assign_proposals(region, boundary)
    objects = np.arange(2)
    summary = summarize({'judo': [FrameScores(j[chosen, objects], f[chosen, objects]) for j, f in frames]})
    expected = golden['unsupervised_example']
    assert summary['global'] == pytest.approx(expected['global'], **TOLERANCE)
    for index, numbers in enumerate(expected['objects']):
        assert region[:, chosen[index], index] == pytest.approx(numbers['J'], **TOLERANCE)
        assert boundary[:, chosen[index], index] == pytest.approx(numbers['F'], **TOLERANCE)
        assert summary['objects'][f'judo_{index + 1}'] == pytest.approx(
            {name: numbers[name] for name in OBJECT_METRIC_NAMES}, **TOLERANCE)
