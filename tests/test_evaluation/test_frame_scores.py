"""Scores of frames beyond the golden numbers: borders of the image, other implementations, bad masks."""
import cv2
import numpy as np
import pytest
from PIL import Image
from vos_benchmark.benchmark import VideoEvaluator

from vosreg.evaluation.functional import (
    assign_proposals,
    boundary_accuracy,
    boundary_map,
    merge_objects,
    region_similarity,
    score_frame,
    score_proposals,
    series_statistics,
    summarize,
)
from vosreg.evaluation.mask_folders import pair_folders, score_pair, score_pairs, summarize_pairs
from vosreg.fileio import object_ids, read_mask, write_mask


def _blob(rng, shape):
    """A random mask, often cut by the border of the image."""
    mask = np.zeros(shape, np.uint8)
    center = tuple(int(rng.integers(-3, size + 3)) for size in shape[::-1])
    cv2.ellipse(mask, center, tuple(int(v) for v in rng.integers(1, 16, 2)), float(rng.uniform(0, 180)), 0, 360, 1, -1)
    return mask.astype(bool)


def test_cropping_to_the_object_changes_no_count():
    rng = np.random.default_rng(0)
    at_border = 0
    for _ in range(300):
        shape = tuple(rng.integers(16, 48, 2))
        prediction, truth = _blob(rng, shape), _blob(rng, shape)
        scores = score_frame(prediction.astype(np.uint8), truth.astype(np.uint8), [1], '')
        assert scores.region[0] == region_similarity(prediction, truth)
        assert scores.boundary[0] == boundary_accuracy(prediction, truth)
        at_border += truth[[0, -1]].any() or truth[:, [0, -1]].any()
    assert at_border > 50


def test_boundary_map_compares_only_neighbours_inside_the_image():
    mask = np.random.default_rng(1).random((13, 17)) < 0.5
    expected = np.zeros(mask.shape, np.uint8)
    for y, x in np.ndindex(mask.shape):
        neighbours = [(y, x + 1), (y + 1, x), (y + 1, x + 1)]
        if y == mask.shape[0] - 1:
            neighbours = [(y, x + 1)]
        if x == mask.shape[1] - 1:
            neighbours = [(y + 1, x)]
        expected[y, x] = any(v < mask.shape[0] and u < mask.shape[1] and mask[v, u] != mask[y, x]
                             for v, u in neighbours)
    assert expected[-1].any() and expected[:, -1].any()
    np.testing.assert_array_equal(boundary_map(mask), expected)


@pytest.mark.parametrize('delay', [1, 3])
def test_agrees_with_vos_benchmark_on_real_clips(clips_root, tmp_path, delay):
    """J and F means, object by object.

    vos-benchmark, too, leaves out the first and the last frame; but it starts to count an object where the object is
    first seen after that (the protocol counts it from the second frame), and computes neither recall nor decay. In
    these clips every object is there in the second frame, so the numbers are the same.
    """
    truth_folder = clips_root / 'DAVIS' / 'Annotations' / '480p'
    for sequence in truth_folder.iterdir():
        paths = sorted(sequence.glob('*.png'))
        for t, path in enumerate(paths):
            write_mask(tmp_path / sequence.name / path.name, read_mask(paths[max(t - delay, 0)]))
    pairs = pair_folders(tmp_path, truth_folder)
    summary = summarize_pairs(pairs, [score_pair(pair) for pair in pairs])
    evaluate = VideoEvaluator(str(truth_folder), str(tmp_path))
    compared = 0
    for sequence in ('bmx-trees', 'schoolgirls', 'tennis'):
        _, region, boundary = evaluate(sequence)
        for object_id, value in region.items():
            numbers = summary['objects'][f'{sequence}_{object_id}']
            assert numbers['J-Mean'] == pytest.approx(value / 100, rel=0, abs=1e-9)
            assert numbers['F-Mean'] == pytest.approx(boundary[object_id] / 100, rel=0, abs=1e-9)
            compared += 1
    assert compared == len(summary['objects']) == 9


def test_decay_of_300_frames_falls():
    statistics = series_statistics(np.linspace(1, 0, 300))
    assert statistics['Decay'] == pytest.approx(224 / 299)  # means of values 0..75 and 224..299 of a straight line
    assert statistics['Mean'] == pytest.approx(0.5)
    assert statistics['Recall'] == 0.5


def test_recall_is_strict():
    assert series_statistics([0.5, 0.5, 0.6, 0.4])['Recall'] == 0.25


def test_an_object_that_the_prediction_lacks_is_empty_and_void_is_background():
    truth = np.zeros((20, 30), np.uint8)
    truth[2:8, 2:8], truth[10:16, 2:8], truth[:, 20:] = 1, 2, 255
    scores = score_frame(np.where(truth == 1, truth, 0), truth, [1, 2], '')
    np.testing.assert_array_equal(scores, [[1, 0], [1, 0]])


def test_binary_masks_of_davis_2016():
    mask = np.array([[0, 255], [3, 0]], np.uint8)
    np.testing.assert_array_equal(merge_objects(mask), [[0, 1], [1, 0]])
    assert object_ids(mask) == (3, )


@pytest.mark.parametrize('prediction, truth, object_ids, message', [
    ({1, 3}, {1, 2}, (1, 2), "frame '00007': the prediction holds object 3, but the highest id of the first mask is 2"),
    ({1, 2}, {1, 4}, (1, 2), "frame '00007': the annotation holds object 4, but the first mask .* has only 1, 2"),
    ({1}, {1, 2}, (1, 3), 'the annotation holds object 2, but the first mask .* has only 1, 3'),
    ({255}, {1}, (1, ), 'the prediction holds object 255'),
    ({1}, {1}, (), 'the first mask of the sequence holds no object'),
])
def test_unknown_objects_are_named(prediction, truth, object_ids, message):
    masks = []
    for ids in (prediction, truth):
        masks.append(np.zeros((8, 8), np.uint8))
        for row, object_id in enumerate(ids):
            masks[-1][row] = object_id
    with pytest.raises(ValueError, match=message):
        score_frame(*masks, object_ids, "sequence 'dog', frame '00007'")


def test_masks_of_other_size_are_refused():
    with pytest.raises(ValueError, match='here: the predicted mask is 9x8 pixels, the annotation 8x8'):
        score_frame(np.zeros((8, 9), np.uint8), np.zeros((8, 8), np.uint8), [1], 'here')


def test_proposals_are_assigned_one_to_one_for_the_best_sum():
    # Proposal 0 is the best for both objects, but both together do better when it takes the second.
    region = np.array([[[0.9, 0.8], [0.7, 0.1], [0, 0]]])
    np.testing.assert_array_equal(assign_proposals(region, region), [1, 0])


def test_fewer_proposals_than_objects_leave_empty_ones():
    truth = np.zeros((16, 16), np.uint8)
    truth[:4], truth[8:] = 1, 2
    region, boundary = score_proposals((truth == 2).astype(np.uint8), truth, num_objects=2)
    assert region.shape == boundary.shape == (20, 2)
    chosen = assign_proposals(region[None], boundary[None])
    np.testing.assert_array_equal(region[chosen, [0, 1]], [0, 1])
    with pytest.raises(ValueError, match='21 is above 20'):
        score_proposals(np.full((16, 16), 21, np.uint8), truth, 2)


def test_sequences_without_frames_are_refused():
    with pytest.raises(ValueError, match="'dog' has no frame to score"):
        summarize({'dog': []})
    with pytest.raises(ValueError, match='no sequence'):
        summarize({})


def test_grey_annotations_of_davis_2016_are_scored_as_binary(tmp_path):
    for folder in ('truth', 'prediction'):
        (tmp_path / folder / 'dog').mkdir(parents=True)
        for t in range(3):
            mask = np.zeros((12, 12), np.uint8)
            mask[2:8, 2:8] = 255
            Image.fromarray(mask).save(tmp_path / folder / 'dog' / f'{t:05d}.png')
    pairs = pair_folders(tmp_path / 'prediction', tmp_path / 'truth', binary=True)
    assert summarize_pairs(pairs, map(score_pair, pairs))['global']['J&F-Mean'] == 1
    with pytest.raises(ValueError, match='binary mode'):
        score_pair(pair_folders(tmp_path / 'prediction', tmp_path / 'truth')[0])


def test_frames_are_scored_in_processes_although_opencv_has_threads(tmp_path):
    cv2.warpAffine(np.zeros((2000, 2000), np.uint8), np.float32([[1, 0, 1], [0, 1, 1]]), (2000, 2000))  # Starts them.
    for t in range(12):
        mask = np.zeros((30, 40), np.uint8)
        mask[t:t + 9, 5:15] = 1
        for folder in ('truth', 'prediction'):
            write_mask(tmp_path / folder / 'falling' / f'{t:05d}.png', np.roll(mask, folder == 'truth', axis=1))
    pairs = pair_folders(tmp_path / 'prediction', tmp_path / 'truth')
    num_threads = cv2.getNumThreads()
    scores = list(score_pairs(pairs, 2))
    assert cv2.getNumThreads() == num_threads
    np.testing.assert_array_equal(scores, [score_pair(pair) for pair in pairs])
    assert len(scores) == 10 and scores[0].region[0] == 9 / 11
