"""The frames of a training clip."""
from collections import Counter
from itertools import product

import numpy as np
import pytest

from vosreg.datasets.transforms import SampleFrames, SampleNearbyFrames


def _sample(transform, num_frames, seed=0, **results):
    return transform(dict(num_frames=num_frames, rng=np.random.default_rng(seed), **results))


def official_outcomes(length, max_jump):
    """Every outcome of STCN's rule, unreversed, with its probability, by going through all draws."""
    jump = min(length, max_jump)
    outcomes = Counter()
    draws = list(product(range(length - jump + 1), range(jump + 1), range(jump + 1)))
    for first, second_draw, third_draw in draws:
        second = min(first + 1 + second_draw, length - jump, length - 1)
        third = min(second + 1 + third_draw, length - jump // 2, length - 1)
        outcomes[first, second, third] += 1 / len(draws)
    return outcomes


@pytest.mark.parametrize(('length', 'max_skip'), [(12, 3), (12, 5), (6, 25), (3, 5), (9, 1)])
def test_three_frames_follow_the_official_distribution(length, max_skip):
    expected = official_outcomes(length, max_skip)
    transform = SampleFrames(3, max_skip, reverse_prob=0)
    rng = np.random.default_rng(0)
    number = 8000
    seen = Counter(tuple(transform(dict(num_frames=length, rng=rng))['frame_ids']) for _ in range(number))
    assert set(seen) <= set(expected)
    for outcome, probability in expected.items():
        # Five standard deviations of a binomial count.
        tolerance = 5 * np.sqrt(number * probability * (1 - probability)) + 1e-9
        assert abs(seen[outcome] - number * probability) <= tolerance, outcome


@pytest.mark.parametrize('num_frames', [1, 2, 4, 8])
@pytest.mark.parametrize('length', [8, 9, 60])
def test_clips_of_any_length_stay_inside_and_in_order(num_frames, length):
    transform = SampleFrames(num_frames, 10, reverse_prob=0)
    rng = np.random.default_rng(0)
    clips = np.array([transform(dict(num_frames=length, rng=rng))['frame_ids'] for _ in range(300)])
    assert clips.shape == (300, num_frames)
    assert clips.min() >= 0 and clips.max() <= length - 1
    gaps = np.diff(clips)
    assert (gaps >= 0).all() and (gaps <= 11).all()
    if num_frames > 1 and length == 60:
        assert gaps.max() == 11


def test_half_of_the_clips_run_backwards():
    transform = SampleFrames(3, 5)
    rng = np.random.default_rng(0)
    clips = [transform(dict(num_frames=50, rng=rng))['frame_ids'] for _ in range(1000)]
    backwards = sum(clip[0] > clip[-1] for clip in clips)
    assert 430 < backwards < 570
    always = _sample(SampleFrames(3, 5, reverse_prob=1), 50)['frame_ids']
    assert always == sorted(always, reverse=True)


def test_the_gap_of_the_index_takes_the_place_of_the_default():
    transform = SampleFrames(3, 25)
    spans = {}
    for max_skip in (None, 1):
        clips = [_sample(transform, 200, seed, max_skip=max_skip)['frame_ids'] for seed in range(200)]
        spans[max_skip] = max(max(clip) - min(clip) for clip in clips)
    assert spans[1] == 4
    assert spans[None] > 40


def test_short_videos_give_nothing():
    assert _sample(SampleFrames(3), 2) is None
    assert _sample(SampleFrames(3), 3) is not None


def test_only_annotated_frames_are_chosen_and_gaps_count_in_frames():
    mask_paths = ['mask' if i % 5 == 0 else None for i in range(100)]
    transform = SampleFrames(3, 25, reverse_prob=0)
    for seed in range(200):
        wide = _sample(transform, 100, seed, mask_paths=mask_paths)['frame_ids']
        narrow = _sample(transform, 100, seed, mask_paths=mask_paths, max_skip=5)['frame_ids']
        assert all(frame % 5 == 0 for frame in wide + narrow)
        # 25 frames are 5 annotated ones, and one more for the step itself; 5 frames are one.
        assert np.diff(wide).max() <= 6 * 5
        assert np.diff(narrow).max() <= 2 * 5
    few = ['mask', None, 'mask', None]
    assert _sample(transform, 4, mask_paths=few) is None


@pytest.mark.parametrize('arguments', [dict(num_frames=0), dict(max_skip=0)])
def test_senseless_numbers_are_refused(arguments):
    with pytest.raises(ValueError, match='num_frames >= 1 and max_skip >= 1'):
        SampleFrames(**arguments)


@pytest.mark.parametrize('length', [8, 40])
def test_nearby_frames(length):
    """Any eight frames, none twice, of which each has a neighbour within the gap; all places are equally likely."""
    transform = SampleNearbyFrames(8, max_skip=3, reverse_prob=0)
    rng = np.random.default_rng(0)
    clips = np.array([transform(dict(num_frames=length, rng=rng))['frame_ids'] for _ in range(500)])
    gaps = np.diff(clips)
    assert gaps.min() >= 1 and clips.min() == 0 and clips.max() == length - 1
    assert gaps.max() == (1 if length == 8 else 3)


def test_nearby_frames_of_a_short_video_and_backwards():
    assert _sample(SampleNearbyFrames(8), 7) is None
    assert _sample(SampleNearbyFrames(8, reverse_prob=1), 8)['frame_ids'] == list(range(7, -1, -1))
