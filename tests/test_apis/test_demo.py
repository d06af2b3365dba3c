"""The notebook and the demo run, with a small model in the place of the one that comes with vosreg."""
import json
import sys
from types import SimpleNamespace

import matplotlib
import numpy as np
import pytest
from golden import REPOSITORY, load_module
from small_video import SIZE, moving_squares, write_first_mask

from vosreg import zoo
from vosreg.fileio import read_video, write_video


@pytest.fixture(autouse=True)
def small_default(monkeypatch, config, checkpoint):
    entry = SimpleNamespace(config=config, checkpoint=lambda: checkpoint)
    monkeypatch.setattr(zoo, 'find_model', {zoo.DEFAULT_MODEL: entry}.__getitem__)


def test_the_notebook_runs(tmp_path, monkeypatch, capsys):
    """Its code cells, one after the other; and no outputs are in the repository."""
    monkeypatch.setenv('TMPDIR', str(tmp_path))
    monkeypatch.setattr('tempfile.tempdir', None)
    matplotlib.use('Agg')
    notebook = json.loads((REPOSITORY / 'demo' / 'segment_a_video.ipynb').read_text())
    cells = [cell for cell in notebook['cells'] if cell['cell_type'] == 'code']
    assert len(cells) == 6 and not any(cell['outputs'] for cell in cells)
    names = {}
    for cell in cells:
        exec(''.join(cell['source']), names)
    assert [frame.index for frame in names['results']] == list(range(16))
    # What is given in frame 10 changes nothing before.
    assert names['changed'][:10] == [0] * 10 and names['changed'][10] > 0
    assert '16 frames' in capsys.readouterr().out and names['folder'].parent == tmp_path


def _demo(monkeypatch, *arguments):
    monkeypatch.setattr(sys, 'argv', ['video_demo.py', *map(str, arguments)])
    return load_module(REPOSITORY / 'demo' / 'video_demo.py')


def test_the_demo_draws_a_video(tmp_path, monkeypatch, capsys):
    write_video(tmp_path / 'in.mp4', moving_squares(4), 10)
    first = write_first_mask(tmp_path / 'first.png')
    demo = _demo(monkeypatch, tmp_path / 'in.mp4', '--mask', first, '--out', tmp_path / 'out.mp4', '--size', 48)
    demo.main()
    drawings = list(read_video(tmp_path / 'out.mp4'))
    assert len(drawings) == 4 and drawings[0].shape == (*SIZE, 3)
    assert np.abs(drawings[0].astype(int) - moving_squares(1)[0]).mean() > 5
    assert capsys.readouterr().out.endswith('out.mp4\n')


def test_the_demo_renders_its_own_video(monkeypatch):
    frames, mask = _demo(monkeypatch).render_video(2)
    assert len(frames) == 2 and frames[0].shape[:2] == mask.shape and mask.any()
