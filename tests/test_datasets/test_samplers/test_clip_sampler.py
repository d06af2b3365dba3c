"""Draws of training clips."""
from collections import Counter
from itertools import islice

import mmengine.dataset.sampler
import pytest

from vosreg.datasets import ClipIndex, ClipSampler

VIDEOS = range(7)


def _draws(sampler, number):
    return list(islice(iter(sampler), number))


def _sampler_of_rank(monkeypatch, rank, world_size):
    monkeypatch.setattr(mmengine.dataset.sampler, 'get_dist_info', lambda: (rank, world_size))
    return ClipSampler(VIDEOS, seed=5)


def test_draws_are_numbered_and_reproducible():
    draws = _draws(ClipSampler(VIDEOS, seed=5), 30)
    assert all(isinstance(draw, ClipIndex) for draw in draws)
    assert [draw.draw for draw in draws] == list(range(30))
    assert draws == _draws(ClipSampler(VIDEOS, seed=5), 30)
    assert draws != _draws(ClipSampler(VIDEOS, seed=6), 30)


def test_every_round_holds_each_video_once():
    videos = [draw.video for draw in _draws(ClipSampler(VIDEOS, seed=5), 21)]
    rounds = [videos[i:i + 7] for i in (0, 7, 14)]
    assert all(Counter(part) == Counter(VIDEOS) for part in rounds)
    assert rounds[0] != rounds[1] != rounds[2]
    unshuffled = [draw.video for draw in _draws(ClipSampler(VIDEOS, shuffle=False, seed=5), 9)]
    assert unshuffled == [0, 1, 2, 3, 4, 5, 6, 0, 1]


@pytest.mark.parametrize(('world_size', 'batch_size'), [(2, 4), (4, 2), (8, 1)])
def test_ranks_share_the_batches_of_one_process(monkeypatch, world_size, batch_size):
    alone = _draws(_sampler_of_rank(monkeypatch, 0, 1), 40)
    ranks = [_draws(_sampler_of_rank(monkeypatch, rank, world_size), 40) for rank in range(world_size)]
    for step in range(5):
        together = [draw for rank in ranks for draw in rank[step * batch_size:(step + 1) * batch_size]]
        assert sorted(together, key=lambda draw: draw.draw) == alone[step * 8:(step + 1) * 8]


@pytest.mark.parametrize('world_size', [1, 2])
def test_skip_goes_on_where_the_run_stopped(monkeypatch, world_size):
    schedule = 5 .__add__
    for rank in range(world_size):
        whole = _sampler_of_rank(monkeypatch, rank, world_size)
        whole.max_skip_schedule = schedule
        resumed = _sampler_of_rank(monkeypatch, rank, world_size)
        resumed.max_skip_schedule = schedule
        resumed.skip(9)
        assert _draws(resumed, 10) == _draws(whole, 19)[9:]


def test_the_frame_gap_follows_the_schedule_of_draws():
    sampler = ClipSampler(VIDEOS, seed=5)
    assert next(iter(sampler)).max_skip is None
    sampler.max_skip_schedule = lambda draw: 5 if draw < 4 else 25
    assert [draw.max_skip for draw in _draws(sampler, 5)] == [5, 5, 5, 25, 25]
