"""Counting right matches, against numbers worked out by hand."""
import numpy as np
import pytest

from vosreg.evaluation.functional import (
    count_by_location,
    count_matches,
    judge_matches,
    matching_metrics,
    tracing_errors,
)
from vosreg.evaluation.functional.matching import MatchCounts


def test_pixels_are_counted_by_object_and_location():
    mask = np.array([[0, 1, 1], [5, 5, 9]], np.uint8)
    locations = np.array([[0, 0, 1], [2, 2, 1]])
    counts = count_by_location(mask, locations, 4, object_ids=(1, 5))  # 9 is no object of the video.
    assert counts.tolist() == [[1, 0, 0, 0], [1, 1, 0, 0], [0, 0, 2, 0]]


def counts_of(weights, frames, locations):
    """One object. Query location 0 has 3 pixels of it and 1 of background, location 1 has 4 of background."""
    query = np.array([[1., 4], [3, 0]])
    # Frame 0: location 0 is the object, location 1 half and half. Frame 5: all background; location 1 is padding.
    memory = {0: np.array([[0., 2], [4, 2]]), 5: np.array([[4., 0], [0, 0]])}
    return count_matches(query, memory, np.array(weights, float), np.array(frames), np.array(locations))


def test_mass_and_best_match():
    counts = counts_of([[0.6, 0.4], [0.7, 0.3]], [[0, 0], [5, 0]], [[0, 1], [0, 1]])
    assert counts.pixels.tolist() == [5, 3]
    # Object: 0.6 on the object, 0.4 on a location that holds half of it. Background likewise, and 0.7 + 0.3 / 2.
    assert counts.mass == pytest.approx([1 * 0.4 / 2 + 4 * 0.85, 3 * 0.8])
    assert counts.top1 == pytest.approx([1 * 0 + 4 * 1, 3 * 1])


def test_memory_without_a_mask_does_not_count():
    """Frame 3 has no known mask, -1 is no frame, and location 1 of frame 5 is padding."""
    counts = counts_of([[0.6, 0.4], [0.5, 0.5]], [[0, 3], [-1, 0]], [[0, 0], [0, 0]])
    assert counts.pixels.tolist() == [1, 3]  # Query 1 has its best match where nothing is known.
    assert counts.mass == pytest.approx([0, 3])
    padding = counts_of([[0.8, 0.2], [0.5, 0.5]], [[0, 5], [5, 0]], [[1, 1], [1, 0]])
    assert padding.pixels.tolist() == [1, 3]
    assert padding.mass == pytest.approx([0.5, 1.5])


def test_what_memory_does_not_show_does_not_count():
    """Of two objects the second one enters with the query frame."""
    query, memory = np.array([[0., 2], [4, 0], [0, 2]]), {0: np.array([[4., 1], [0, 3], [0, 0]])}
    counts = count_matches(query, memory, np.ones((2, 1)), np.zeros((2, 1), int), np.array([[1], [0]]))
    assert counts.pixels.tolist() == [2, 4, 0]
    assert counts.mass.tolist() == counts.top1.tolist() == [2, 3, 0]


def test_single_matches_are_judged_by_what_holds_most_of_the_location():
    # Background and one object in three locations; the last one is padding.
    memory = {4: np.array([[5, 1, 0], [3, 7, 0]])}
    frames = np.array([[4, 4, 4, 9, -1]])
    locations = np.array([[0, 1, 2, 1, 0]])
    for owner, verdicts in ((0, [1, -1, 0, 0, 0]), (1, [-1, 1, 0, 0, 0]), (-1, [0] * 5)):
        assert judge_matches(np.array([owner]), memory, frames, locations).tolist() == [verdicts]
    assert judge_matches(np.array([0]), {}, frames, locations).tolist() == [[0] * 5]


def test_metrics_are_means_over_objects_and_videos():
    def counts(pixels, mass, top1):
        return MatchCounts(*map(np.array, (pixels, mass, top1)))

    metrics = matching_metrics({
        'a': [counts([10, 4, 0], [9, 1, 0], [10, 4, 0]), counts([10, 4, 0], [7, 3, 0], [0, 0, 0])],
        'b': [counts([5, 1], [1, 1], [0, 1])],
    })
    assert metrics == pytest.approx({
        'object-mass': (0.5 + 1) / 2, 'object-top1': (0.5 + 1) / 2,  # The object that never appears is left out.
        'background-mass': (0.8 + 0.2) / 2, 'background-top1': (0.5 + 0) / 2})


def test_there_is_no_mean_over_nothing():
    assert matching_metrics({}) == {}
    only_background = MatchCounts(np.array([4., 0]), np.array([3., 0]), np.array([2., 0]))
    assert matching_metrics({'a': [only_background]}) == {'background-mass': 0.75, 'background-top1': 0.5}


def test_tracing_errors_are_in_locations():
    y, x = np.mgrid[:2, :3]
    centres = np.stack([x * 8 + 3.5, y * 4 + 1.5], axis=-1).astype(float)
    moved = centres + (8, 0)  # Everything moves by one location to the right.
    visible = np.array([[True, True, False], [True, True, False]])
    hidden = np.zeros((2, 3), bool)
    frames, locations = np.array([0, 0, 0, 5, 0, 0]), np.array([1, 1, 0, 4, 2, 0])
    errors = tracing_errors({0: (moved, visible), 5: (moved, hidden)}, centres, frames, locations, (8, 4))
    # Queries 2 and 5 are visible nowhere; 0 is right, 1 one off, 3 matched where it is hidden, 4 one row off.
    assert errors.tolist() == [0, 1, np.inf, 1]
