"""YouTubeVOSMetric: late objects, seen and unseen categories, what is written."""
import csv

import numpy as np
import pytest
import torch
from mmengine.registry import DefaultScope

from vosreg.evaluation.functional import EnteringFrame, FrameScores, boundary_accuracy, object_series
from vosreg.evaluation.metrics import YouTubeVOSMetric
from vosreg.evaluation.metrics.youtube_vos_metric import SEEN_CATEGORIES
from vosreg.fileio import read_mask
from vosreg.registry import METRICS
from vosreg.structures import VOSDataSample

LENGTH = 6
CATEGORIES = {1: 'cat', 2: 'unicorn'}


def _mask(left=0, ids=(1, 2)):
    mask = np.zeros((40, 60), np.uint8)
    for i in ids:
        mask[12 * i:12 * i + 10, left:left + 10] = i
    return mask


def _video(video='ant', late=2, truth_at=range(LENGTH), shifts=None, categories=None, **changes):
    """Object 1 is given at frame 0, object 2 at frame ``late``; the prediction of frame t is off by shifts[t]."""
    samples = []
    for t in range(LENGTH):
        given = (1, ) * (t == 0) + (2, ) * (t == late)
        known = (1, 2) if t >= late else (1, )
        sample = VOSDataSample(metainfo=dict(
            video=video, frame_index=t, frame_name=f'{5 * t:05d}', video_length=LENGTH, ori_shape=(40, 60),
            object_ids=(1, 2), given_ids=given, result_wanted=t % 2 == 0,
            categories=CATEGORIES if categories is None else categories))
        sample.pred_mask = torch.from_numpy(changes.get(f't{t}', _mask((shifts or {}).get(t, 0), known)))
        if t in truth_at:
            sample.gt_mask = torch.from_numpy(_mask(0, known))
        samples.append(sample)
    return samples


def _evaluate(*videos, **kwargs):
    metric = YouTubeVOSMetric(**kwargs)
    for sample in sum(videos, []):
        metric.process(None, [sample.to_dict()])
    return metric.evaluate(LENGTH * len(videos))


def _overlap(shift):
    return (10 - shift) / (10 + shift)


def test_built_by_name():
    with DefaultScope.overwrite_default_scope('vosreg'):
        assert isinstance(METRICS.build(dict(type='YouTubeVOSMetric')), YouTubeVOSMetric)


def test_an_object_counts_from_its_frame_on_except_where_it_is_given():
    # Frame 2 gives object 2: it counts for object 1 only; frame 0 for none; the last frame for both.
    result = _evaluate(_video(shifts={0: 9, 2: 4, 5: 2}))
    assert result['youtube_vos/J-seen'] == pytest.approx(np.mean([1, _overlap(4), 1, 1, _overlap(2)]))
    assert result['youtube_vos/J-unseen'] == pytest.approx(np.mean([1, 1, _overlap(2)]))
    boundaries = [1, *(boundary_accuracy(_mask(shift) == 1, _mask() == 1) for shift in (4, 0, 0, 2))]
    assert result['youtube_vos/F-seen'] == pytest.approx(np.mean(boundaries))
    assert set(result) == {f'youtube_vos/{name}' for name in ('G', 'J-seen', 'F-seen', 'J-unseen', 'F-unseen')}
    four = [value for name, value in result.items() if name != 'youtube_vos/G']
    assert result['youtube_vos/G'] == pytest.approx(np.mean(four))


def test_only_annotated_frames_count():
    result = _evaluate(_video(truth_at=(1, 3, 5), shifts={2: 9, 3: 5, 4: 9}))
    assert result['youtube_vos/J-seen'] == pytest.approx(np.mean([1, _overlap(5), 1]))
    assert result['youtube_vos/J-unseen'] == pytest.approx(np.mean([_overlap(5), 1]))


def test_a_mean_over_objects_not_over_videos(tmp_path):
    lonely = _video('bee', late=LENGTH, shifts=dict.fromkeys(range(LENGTH), 5))
    result = _evaluate(_video(), _video('cat'), lonely, seen_categories=None, csv_dir=tmp_path, stability=True)
    assert result['youtube_vos/J-all'] == pytest.approx((4 + _overlap(5)) / 5)
    assert result['youtube_vos/G'] == pytest.approx((result['youtube_vos/J-all'] + result['youtube_vos/F-all']) / 2)
    assert result['youtube_vos/V-all'] == 0
    rows = list(csv.DictReader((tmp_path / 'per-object_results.csv').open()))
    assert [(row['video'], row['object_id'], row['category']) for row in rows] == [
        ('ant', '1', 'cat'), ('ant', '2', 'unicorn'), ('bee', '1', 'cat'), ('cat', '1', 'cat'), ('cat', '2', 'unicorn')]
    assert float(rows[2]['J']) == pytest.approx(_overlap(5))


def test_seen_and_unseen_videos(tmp_path):
    (tmp_path / 'unseen.txt').write_text('a bee\n')
    videos = _video(), _video('a bee', shifts=dict.fromkeys(range(LENGTH), 5))
    for unseen in (['a bee'], str(tmp_path / 'unseen.txt')):
        result = _evaluate(*videos, unseen_videos=unseen)
        assert result['youtube_vos/J-seen'] == 1
        assert result['youtube_vos/J-unseen'] == pytest.approx(_overlap(5))


def test_stability_is_the_deviation_over_frames():
    series = np.array([1, 1, 1, 1, _overlap(5)])
    result = _evaluate(_video(late=LENGTH, shifts={5: 5}), seen_categories=None, stability=True)
    boundary = result['youtube_vos/F-all'] * 5 - 4  # F of the one frame that is not perfect
    assert result['youtube_vos/V-all'] == pytest.approx(np.std((series + [1, 1, 1, 1, boundary]) / 2))


def test_only_the_wanted_frames_are_written(tmp_path):
    assert _evaluate(_video(truth_at=()), out_dir=tmp_path, prefix='mose') == {}
    assert sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob('*.*')) == [
        'ant/00000.png', 'ant/00010.png', 'ant/00020.png']
    assert np.array_equal(read_mask(tmp_path / 'ant' / '00010.png'), _mask())


@pytest.mark.parametrize('changes, message', [
    (dict(t3=_mask(ids=(1, 2)) * 3), "video 'ant', frame '00015': the prediction holds object 3.*only 1, 2"),
    (dict(t3=_mask()[:30].copy()), "video 'ant', frame '00015': the predicted mask is 60x30"),
    (dict(categories={1: 'cat'}), "video 'ant', frame '00000': the category of object 2 is not known"),
])
def test_bad_input_is_named(changes, message):
    with pytest.raises(ValueError, match=message):
        _evaluate(_video(**changes))


def test_missing_frames_are_named():
    metric = YouTubeVOSMetric()
    metric.process(None, [sample.to_dict() for sample in _video()[:-1]])
    with pytest.raises(ValueError, match="1 of 6 frames of the video 'ant' .* is frame 5"):
        metric.evaluate(LENGTH)


def test_series_of_objects_whose_masks_are_given_again():
    def frame(given, value):
        return EnteringFrame((1, 7), given, FrameScores(np.array([value, -value]), np.array([value, value])))

    series = object_series([frame((1, ), 1.), frame((), 2.), frame((1, 7), 3.), frame((), 4.)])
    assert series[1].region.tolist() == [2, 4] and series[7].region.tolist() == [-4]
    assert series[7].boundary.tolist() == [4]
    assert object_series([frame((1, 7), 1.)]) == {}


def test_there_are_65_seen_categories():
    assert len(SEEN_CATEGORIES) == 65 and {'giant_panda', 'tennis_racket', 'others'} <= SEEN_CATEGORIES
