"""Whole videos for each rank."""
import pytest

import vosreg.datasets.samplers.video_sampler as video_sampler
from vosreg.datasets import VideoSampler
from vosreg.datasets.samplers import deal_videos


class Videos:
    """As much of a data set as the sampler looks at."""
    test_mode = True

    def __init__(self, lengths):
        self.video_lengths = lengths


@pytest.mark.parametrize('world_size', [1, 2, 3, 5, 9])
def test_no_frame_is_seen_twice_and_none_is_missed(monkeypatch, world_size):
    lengths = [70, 80, 80, 45, 44, 87, 40]
    ranks = []
    for rank in range(world_size):
        monkeypatch.setattr(video_sampler, 'get_dist_info', lambda rank=rank: (rank, world_size))
        sampler = VideoSampler(Videos(lengths))
        ranks.append(list(sampler))
        assert len(sampler) == len(ranks[-1])
    assert sorted(sum(ranks, [])) == list(range(sum(lengths)))
    for frames in ranks:
        assert frames == sorted(frames)


def test_videos_stay_whole(monkeypatch):
    lengths = [3, 1, 4, 1, 5]
    video_of_frame = [video for video, length in enumerate(lengths) for _ in range(length)]
    videos = []
    for rank in range(2):
        monkeypatch.setattr(video_sampler, 'get_dist_info', lambda rank=rank: (rank, 2))
        videos.append({video_of_frame[frame] for frame in VideoSampler(Videos(lengths))})
    assert not videos[0] & videos[1]


def test_ranks_get_about_the_same_number_of_frames():
    lengths = [25, 104, 34, 66, 90, 80, 75, 40, 50, 60, 52, 43, 78, 33, 70, 82, 91, 49, 66, 71]
    for ranks in (2, 4, 8):
        loads = [sum(lengths[video] for video in hand) for hand in deal_videos(lengths, ranks)]
        assert max(loads) - min(loads) <= max(lengths)
        assert max(loads) <= 1.12 * sum(loads) / ranks
    assert deal_videos([10, 9, 8, 7], 2) == [[0, 3], [1, 2]]
    assert deal_videos([4], 3) == [[0], [], []]


def test_training_data_is_refused():
    videos = Videos([3])
    videos.test_mode = False
    with pytest.raises(ValueError, match='test_mode=True; use ClipSampler'):
        VideoSampler(videos)
