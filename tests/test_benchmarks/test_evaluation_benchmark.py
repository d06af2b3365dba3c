"""The benchmark of the evaluation: the plain way, vos-benchmark and vosreg give the same numbers."""
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from golden import REPOSITORY

from vosreg.fileio import write_mask

sys.path.insert(0, str(REPOSITORY / 'benchmarks'))
import evaluation  # noqa: E402


@pytest.fixture(scope='module')
def folders(tmp_path_factory):
    """Results and annotations of two objects that move, one of them at the border of the image."""
    root = tmp_path_factory.mktemp('masks')
    for t in range(6):
        mask = np.zeros((48, 64), np.uint8)
        cv2.ellipse(mask, (20 + t, 20), (9, 14), 30, 0, 360, 1, -1)
        mask[30 + t:, 40:] = 2
        write_mask(root / 'annotations' / f'{t:05d}.png', mask)
    evaluation.write_copies(root / 'annotations', 2, 5, root / 'results', root / 'truths')
    return root / 'results', root / 'truths'


def test_all_ways_agree(folders):
    scores = [way(*folders) for way in evaluation.ways(2).values()]
    assert len(scores) == 5
    assert all(list(other) == [f'{copy}_{i}' for copy in range(4) for i in (1, 2)] for other in scores)
    assert evaluation.largest_difference(scores) < 1e-12
    # The copies are neither perfect nor alike.
    assert len({round(region, 6) for region, _ in scores[0].values()} - {1.0}) > 4


def test_a_wrong_way_stops_the_benchmark(folders, monkeypatch):
    assert any('largest difference' in line for line in evaluation.measure(*folders, num_processes=1, rounds=1))
    right = evaluation.plain(*folders)
    monkeypatch.setattr(evaluation, 'ours', lambda *_: {name: (j, f + 1e-8) for name, (j, f) in right.items()})
    with pytest.raises(RuntimeError, match='disagree by 1.0e-08'):
        list(evaluation.measure(*folders, num_processes=1, rounds=1))


def test_it_names_the_missing_clips(monkeypatch, capsys):
    monkeypatch.delenv('VOSREG_CLIPS', raising=False)
    monkeypatch.setattr(sys, 'argv', [str(Path(evaluation.__file__))])
    with pytest.raises(SystemExit):
        evaluation.main()
    assert 'set VOSREG_CLIPS or --clips' in capsys.readouterr().err
