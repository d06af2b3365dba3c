"""tools/eval_masks.py as a user runs it."""
import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from vosreg.fileio import write_mask

ROOT = Path(__file__).parents[2]
NAMES = ['J-Mean', 'J-Recall', 'J-Decay', 'F-Mean', 'F-Recall', 'F-Decay']


def _run(*args):
    environment = {**os.environ, 'PYTHONPATH': str(ROOT)}
    return subprocess.run([sys.executable, str(ROOT / 'tools' / 'eval_masks.py'), *map(str, args)],
                          capture_output=True, text=True, env=environment, timeout=60)


def _square(left, shape=(40, 60), second=True):
    mask = np.zeros(shape, np.uint8)
    mask[5:15, left:left + 10] = 1
    if second:
        mask[20:30, left:left + 10] = 2
    return mask


@pytest.fixture
def folders(tmp_path):
    """Truth: squares that move; prediction: `still` stays at the first frame, `exact` is the truth."""
    for t in range(6):
        for sequence, prediction in (('exact', t), ('still', 0)):
            write_mask(tmp_path / 'truth' / sequence / f'{t:05d}.png', _square(t))
            write_mask(tmp_path / 'prediction' / sequence / f'{t:05d}.png', _square(prediction))
    return tmp_path / 'prediction', tmp_path / 'truth'


def test_only_the_sequences_of_a_split(folders, tmp_path):
    write_mask(folders[1] / 'train' / '00000.png', _square(0))
    (folders[1] / '.hidden').mkdir()
    assert 'train has 1 annotations' in _run(*folders).stderr
    (folders[1] / 'still').rename(folders[1] / 'stands still')
    (folders[0] / 'still').rename(folders[0] / 'stands still')
    (tmp_path / 'val.txt').write_text('stands still\n')
    done = _run(*folders, '--sequences', tmp_path / 'val.txt', '--out-json', tmp_path / 'scores.json')
    assert done.returncode == 0, done.stderr
    assert list(json.loads((tmp_path / 'scores.json').read_text())['objects']) == ['stands still_1', 'stands still_2']
    done = _run(*folders, '--sequences', tmp_path / 'nothing.txt')
    assert done.returncode != 0 and 'cannot read' in done.stderr and 'nothing.txt' in done.stderr


def test_json_and_csv(folders, tmp_path):
    out = tmp_path / 'out'
    done = _run(*folders, '--out-json', out / 'scores.json', '--out-csv', out, '--workers', 2)
    assert done.returncode == 0, done.stderr
    summary = json.loads((out / 'scores.json').read_text())
    assert list(summary) == ['global', 'objects']
    assert list(summary['global']) == ['J&F-Mean', *NAMES]
    assert list(summary['objects']) == ['exact_1', 'exact_2', 'still_1', 'still_2']
    assert all(list(numbers) == NAMES for numbers in summary['objects'].values())
    # The frames 1..4 of `still` are off by 1..4 of 10 columns.
    overlaps = [(10 - t) / (10 + t) for t in range(1, 5)]
    assert summary['objects']['still_2']['J-Mean'] == pytest.approx(np.mean(overlaps), abs=1e-12)
    assert summary['objects']['still_2']['J-Recall'] == 0.75
    assert summary['objects']['still_2']['J-Decay'] == pytest.approx(
        np.mean(overlaps[:2]) - np.mean(overlaps[2:]), abs=1e-12)
    assert summary['objects']['exact_1']['F-Mean'] == 1
    assert summary['global']['J-Mean'] == pytest.approx((1 + np.mean(overlaps)) / 2, abs=1e-12)
    assert 'still_2' in done.stdout and f'{100 * np.mean(overlaps):.2f}' in done.stdout

    rows = list(csv.DictReader((out / 'per-sequence_results.csv').open()))
    assert {row.pop('Sequence'): {k: float(v) for k, v in row.items()} for row in rows} == summary['objects']
    (row, ) = csv.DictReader((out / 'global_results.csv').open())
    assert {k: float(v) for k, v in row.items()} == summary['global']
    assert sorted(p.name for p in out.iterdir()) == ['global_results.csv', 'per-sequence_results.csv', 'scores.json']


def test_golden_numbers_of_the_lag_on_real_clips(clips_root, golden_root, tmp_path):
    truth = clips_root / 'DAVIS' / 'Annotations' / '480p'
    for sequence in truth.iterdir():
        paths = sorted(sequence.glob('*.png'))
        (tmp_path / sequence.name).mkdir()
        for t, path in enumerate(paths):
            (tmp_path / sequence.name / path.name).write_bytes(paths[max(t - 3, 0)].read_bytes())
    assert _run(tmp_path, truth, '--out-json', tmp_path / 'scores.json', '--workers', 2).returncode == 0
    summary = json.loads((tmp_path / 'scores.json').read_text())
    golden = json.loads((golden_root / 'evaluation.json').read_text())['predictors']['lag3']
    assert summary['global'] == pytest.approx(golden['global_tennis_bmx-trees_schoolgirls'], rel=0, abs=1e-9)


def test_binary_merges_the_objects(folders, tmp_path):
    for path in folders[0].rglob('*.png'):
        write_mask(path, 5 * (_square(0) > 0))
    assert _run(*folders, '--binary', '--out-json', tmp_path / 's.json').returncode == 0
    assert list(json.loads((tmp_path / 's.json').read_text())['objects']) == ['exact_1', 'still_1']


def _remove_folder(folders):
    for path in (folders[0] / 'still').iterdir():
        path.unlink()
    (folders[0] / 'still').rmdir()


def _truncate(folders):
    path = folders[0] / 'still' / '00003.png'
    path.write_bytes(path.read_bytes()[:80])


BAD_INPUT = {
    'missing sequence': (_remove_folder, ["sequence 'still'", 'prediction/still']),
    'missing frame': (lambda f: (f[0] / 'still' / '00003.png').unlink(), ["sequence 'still'", '00003.png', '1 of 6']),
    'other size': (lambda f: write_mask(f[0] / 'still' / '00003.png', _square(0, (40, 64))),
                   ['prediction/still/00003.png', 'truth/still/00003.png', '64x40', '60x40']),
    'truncated mask': (_truncate, ['prediction/still/00003.png']),
    'not an image': (lambda f: (f[1] / 'still' / '00003.png').write_text('no'), ['truth/still/00003.png']),
    'unknown predicted object': (lambda f: write_mask(f[0] / 'still' / '00003.png', 4 * _square(0)),
                                 ["sequence 'still'", "frame '00003'", 'object 4', 'highest id']),
    'object in no first mask': (lambda f: write_mask(f[1] / 'still' / '00000.png', _square(0, second=False)),
                                ["sequence 'still'", "frame '00001'", 'object 2']),
    'empty first mask': (lambda f: write_mask(f[1] / 'still' / '00000.png', 0 * _square(0)),
                         ["sequence 'still'", 'no object']),
    'too short': (lambda f: [(f[1] / 'still' / f'{t:05d}.png').unlink() for t in range(4)], ['truth/still', 'three']),
}


@pytest.mark.parametrize('case', BAD_INPUT)
def test_bad_input_is_named_and_nothing_is_written(folders, tmp_path, case):
    break_it, names = BAD_INPUT[case]
    break_it(folders)
    done = _run(*folders, '--out-json', tmp_path / 'scores.json', '--workers', 2)
    assert done.returncode == 1
    message = done.stderr[done.stderr.index('error: '):]
    for name in names:
        assert name in message
    assert 'Traceback' not in message
    assert not (tmp_path / 'scores.json').exists()


def test_folders_that_are_none(folders, tmp_path):
    assert f'no such folder: {tmp_path / "none"}' in _run(tmp_path / 'none', folders[1]).stderr
    assert 'holds no sequences' in _run(folders[0], folders[1] / 'still').stderr


def test_starts_without_torch(folders):
    code = 'import runpy, sys; runpy.run_path(sys.argv[1]); assert "torch" not in sys.modules'
    environment = {**os.environ, 'PYTHONPATH': str(ROOT)}
    subprocess.run([sys.executable, '-c', code, str(ROOT / 'tools' / 'eval_masks.py')], check=True, env=environment)
