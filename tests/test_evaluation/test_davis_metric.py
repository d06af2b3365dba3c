"""DAVISMetric as MMEngine's evaluator drives it: frame by frame, in one process and in two."""
import csv
import json
import pickle

import numpy as np
import pytest
import torch
import torch.multiprocessing as multiprocessing
from mmengine.evaluator import Evaluator
from mmengine.registry import DefaultScope
from PIL import Image

from vosreg.datasets.samplers import deal_videos
from vosreg.evaluation.metrics import DAVISMetric
from vosreg.fileio import DAVIS_PALETTE, read_mask
from vosreg.registry import METRICS
from vosreg.structures import VOSDataSample

LENGTHS = {'ant': 9, 'bee': 5, 'cat': 3}


def _mask(left, objects=2):
    mask = np.zeros((40, 60), np.uint8)
    for i in range(objects):
        mask[12 * i + 1:12 * i + 10, left:left + 10] = i + 1
    return mask


def _sample(video, t, length, prediction, truth, object_ids=(1, 2), given_ids=None):
    """By default all objects are given in the first frame."""
    if given_ids is None:
        given_ids = () if t else object_ids
    sample = VOSDataSample(metainfo=dict(
        video=video, frame_index=t, frame_name=f'{t:05d}', video_length=length, frame_path='',
        ori_shape=prediction.shape, object_ids=object_ids, given_ids=given_ids))
    sample.pred_mask = torch.from_numpy(prediction)
    if truth is not None:
        sample.gt_mask = torch.from_numpy(truth)
    return sample


def _video(video, **changes):
    """The samples of a video whose objects move while the prediction stays behind."""
    step = 1 + len(video) % 2 + sorted(LENGTHS).index(video)
    length = LENGTHS[video]
    samples = []
    for t in range(length):
        prediction, truth = changes.get(f't{t}', (_mask(0), _mask(step * t)))
        samples.append(_sample(video, t, length, prediction, truth))
    return samples


def _evaluate(videos, **kwargs):
    evaluator = Evaluator([DAVISMetric(**kwargs)])
    size = 0
    for samples in videos:
        for sample in samples:
            evaluator.process([sample])
            size += 1
    return evaluator.evaluate(size)


@pytest.fixture(scope='module')
def expected():
    return _evaluate(_video(video) for video in LENGTHS)


def test_built_by_name_without_an_import():
    with DefaultScope.overwrite_default_scope('vosreg'):
        assert isinstance(METRICS.build(dict(type='DAVISMetric', binary=True)), DAVISMetric)


def test_reproduces_the_golden_numbers(golden_root, tmp_path):
    golden = json.loads((golden_root / 'evaluation.json').read_text())['predictors']['lag3']
    with np.load(golden_root / 'evaluation_masks.npz') as arrays:
        masks = {name.replace('_', '-'): arrays[name] for name in ('tennis', 'bmx_trees', 'schoolgirls')}
    videos = [[_sample(video, t, len(truth), truth[max(t - 3, 0)], truth[t], tuple(range(1, truth.max() + 1)))
               for t in range(len(truth))] for video, truth in masks.items()]
    result = _evaluate(videos, csv_dir=tmp_path)
    numbers = golden['global_tennis_bmx-trees_schoolgirls']
    assert result == pytest.approx({f'davis/{name}': value for name, value in numbers.items()}, rel=0, abs=1e-9)
    rows = {row['Sequence']: row for row in csv.DictReader((tmp_path / 'per-sequence_results.csv').open())}
    assert len(rows) == 9
    for row, numbers in zip((rows[f'schoolgirls_{i}'] for i in range(1, 8)),
                            golden['sequences']['schoolgirls']['objects']):
        assert float(row['J-Mean']) == pytest.approx(numbers['J-Mean'], rel=0, abs=1e-9)
        assert float(row['F-Decay']) == pytest.approx(numbers['F-Decay'], rel=0, abs=1e-9)


def test_first_and_last_frame_do_not_count(expected):
    wrong = _mask(45)
    result = _evaluate([_video('ant', t0=(wrong, _mask(0)), t8=(wrong, _mask(16))), _video('bee'), _video('cat')])
    assert result == expected
    assert _evaluate([_video('ant', t4=(wrong, _mask(0))), _video('bee'), _video('cat')]) != expected


def test_binary_mode_scores_all_objects_as_one():
    swapped = np.array([0, 2, 1], np.uint8)[_mask(0)]
    videos = [[_sample('ant', t, 4, swapped, _mask(0)) for t in range(4)]]
    assert _evaluate(videos)['davis/J&F-Mean'] == 0
    assert _evaluate(videos, binary=True)['davis/J&F-Mean'] == 1


def test_masks_are_written_in_the_davis_tree(tmp_path):
    _evaluate([_video('bee')], out_dir=tmp_path)
    assert sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob('*.*')) == [
        f'bee/{t:05d}.png' for t in range(5)]
    np.testing.assert_array_equal(read_mask(tmp_path / 'bee' / '00003.png'), _mask(0))
    with Image.open(tmp_path / 'bee' / '00003.png') as image:
        assert image.mode == 'P'
        assert tuple(image.getpalette()[:9]) == DAVIS_PALETTE[:9]


def test_an_error_in_writing_stops_the_test(tmp_path):
    (tmp_path / 'bee').write_text('a file where a folder should be')
    with pytest.raises(FileExistsError, match='bee'):
        _evaluate([_video('bee')], out_dir=tmp_path)


def test_without_ground_truth_masks_are_written_only(tmp_path):
    samples = [_sample('dog', t, 4, _mask(t), _mask(0) if t == 0 else None) for t in range(4)]
    assert _evaluate([samples], out_dir=tmp_path) == {}
    assert len(list((tmp_path / 'dog').iterdir())) == 4


def test_memory_does_not_grow_with_the_size_of_the_masks():
    def kept(scale):
        metric = DAVISMetric()
        for sample in _video('ant'):
            for name in ('pred_mask', 'gt_mask'):
                sample.set_field(sample.get(name).repeat_interleave(scale, 0).repeat_interleave(scale, 1), name)
            metric.process(None, [sample.to_dict()])
        return len(pickle.dumps(metric.results))

    assert kept(4) == kept(1) < 10_000


@pytest.mark.parametrize('bad, message', [
    ((3 * _mask(0), _mask(6)), "sequence 'bee', frame '00002': the prediction holds object 3"),
    ((_mask(0), _mask(0, 3)), "sequence 'bee', frame '00002': the annotation holds object 3"),
    ((_mask(0)[:30].copy(), _mask(0)), "sequence 'bee', frame '00002': the predicted mask is 60x30"),
])
def test_bad_masks_are_named_and_earlier_results_stay(tmp_path, bad, message):
    metric = DAVISMetric(out_dir=tmp_path)
    with pytest.raises(ValueError, match=message):
        for sample in _video('bee', t2=bad):
            metric.process(None, [sample.to_dict()])
    assert len(metric.results) == 2
    metric._writer.finish()
    assert {path.name for path in (tmp_path / 'bee').iterdir()} == {'00000.png', '00001.png', '00002.png'}


def test_missing_frames_and_videos_are_named():
    samples = _video('ant')
    metric = DAVISMetric()
    metric.process(None, [sample.to_dict() for sample in samples[:3] + samples[4:]])
    with pytest.raises(ValueError, match="1 of 9 frames of the video 'ant' .* is frame 3"):
        metric.evaluate(9)
    assert len(metric.results) == 8
    metric.process(None, [samples[3].to_dict()])
    with pytest.raises(ValueError, match='9 frames were processed, but the data set has 14'):
        metric.evaluate(14)
    assert metric.evaluate(9)['davis/J-Mean'] > 0
    assert metric.results == []


def test_a_frame_without_ground_truth_among_others_is_named():
    with pytest.raises(ValueError, match="'bee': 1 of 3 frames have no ground truth, the first is '00002'"):
        _evaluate([_video('bee', t2=(_mask(0), None))])


def test_frames_without_ground_truth_can_be_left_out():
    samples = _video('bee', t2=(_mask(0), None))
    samples[3].gt_mask = samples[3].pred_mask
    samples[1].gt_mask = torch.zeros_like(samples[1].pred_mask)
    assert _evaluate([samples], annotated_only=True)['davis/J&F-Mean'] == 0.5


def test_an_object_counts_after_its_mask_was_given_and_where_it_is_not():
    """Object 2 enters at frame 3, is right at frames 4 and 5 only, and its mask is given once more at frame 6."""
    given = {0: (1, ), 3: (2, ), 6: (2, )}
    samples = [_sample('vost', t, 9, _mask(0, 2 if t in (4, 5) else 1), _mask(0), given_ids=given.get(t, ()))
               for t in range(9)]
    result = _evaluate([samples], annotated_only=True, last_quarter=True)
    assert result['davis/J-Mean'] == pytest.approx((1 + 2 / 3) / 2), 'of object 2 the frames 4, 5 and 7 count'
    assert result['davis/J-tr'] == pytest.approx((1 + 0) / 2), 'of object 2 the last quarter of these is frame 7'
    never = [_sample('vost', t, 4, _mask(0), _mask(0), given_ids={0: (1, ), 2: (2, )}.get(t, ())) for t in range(4)]
    assert _evaluate([never])['davis/J-Mean'] == 1, 'object 2 counts nowhere'
    everywhere = [_sample('vost', t, 4, _mask(0), _mask(0), given_ids=(1, 2)) for t in range(4)]
    assert _evaluate([everywhere]) == {}


def test_the_last_quarter_of_the_frames():
    """VOST: the last 2 of the 7 frames of ant (from floor(5.25) on), of 3 of bee the last one, of 1 of cat that one."""
    result = _evaluate((_video(video) for video in LENGTHS), last_quarter=True)
    overlaps = {step: max(10 - step, 0) / min(10 + step, 20) for step in range(31)}
    steps = {video: 1 + len(video) % 2 + sorted(LENGTHS).index(video) for video in LENGTHS}
    late = {'ant': (6, 7), 'bee': (3, ), 'cat': (1, )}
    means = [np.mean([overlaps[min(steps[video] * t, 30)] for t in late[video]]) for video in LENGTHS]
    assert result['davis/J-tr'] == pytest.approx(np.mean(means))
    assert result['davis/J-tr'] < result['davis/J-Mean']


def _rank(rank, folder):
    torch.distributed.init_process_group('gloo', f'file://{folder}/rendezvous', rank=rank, world_size=2)
    names = sorted(LENGTHS)
    metric = DAVISMetric(csv_dir=folder)
    for index in deal_videos([LENGTHS[name] for name in names], 2)[rank]:
        metric.process(None, [sample.to_dict() for sample in _video(names[index])])
    # As a sampler that pads would do, both ranks get this frame.
    metric.process(None, [_video('cat')[1].to_dict()])
    processed = len(metric.results)
    result = metric.evaluate(sum(LENGTHS.values()))
    (folder / f'rank{rank}.json').write_text(json.dumps([processed, result]))
    # Now each rank has lost a video; both must say so instead of waiting for each other.
    metric.process(None, [sample.to_dict() for sample in _video('ant')])
    with pytest.raises(ValueError, match='whole videos are missing'):
        metric.evaluate(sum(LENGTHS.values()))
    torch.distributed.destroy_process_group()


def test_two_processes_give_the_numbers_of_one(expected, tmp_path):
    multiprocessing.spawn(_rank, (tmp_path, ), nprocs=2)
    outcomes = [json.loads((tmp_path / f'rank{rank}.json').read_text()) for rank in range(2)]
    assert [processed for processed, _ in outcomes] == [9 + 1, 5 + 3 + 1]
    for _, result in outcomes:
        assert result == expected
    assert len((tmp_path / 'per-sequence_results.csv').read_text().splitlines()) == 1 + 2 * len(LENGTHS)
