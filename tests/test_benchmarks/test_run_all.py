"""All benchmarks in one run: none is forgotten, and a failure is told."""
import sys
from pathlib import Path

import pytest
from golden import REPOSITORY

sys.path.insert(0, str(REPOSITORY / 'benchmarks'))
import run_all  # noqa: E402


def test_every_benchmark_is_run_and_described():
    scripts = {path.stem for path in (REPOSITORY / 'benchmarks').glob('*.py')
               if "__name__ == '__main__'" in path.read_text()}
    assert scripts - {'run_all'} == set(dict(run_all.BENCHMARKS))
    described = (REPOSITORY / 'benchmarks' / 'README.md').read_text()
    assert all(f'`{name}.py`' in described for name in scripts)


def test_clips_are_needed(tmp_path):
    with pytest.raises(SystemExit, match='VOSREG_CLIPS is not set'):
        run_all.check_clips(None)
    with pytest.raises(SystemExit, match=f'VOSREG_CLIPS is {tmp_path}, but there is no {tmp_path}'):
        run_all.check_clips(str(tmp_path))


def test_tables_are_written_and_a_failure_does_not_stop_the_rest(tmp_path, monkeypatch, capsys):
    (tmp_path / 'bad.py').write_text('print("half a table"); raise SystemExit(3)')
    (tmp_path / 'good.py').write_text('import sys; print("a table of", *sys.argv[1:])')
    monkeypatch.setattr(run_all, 'FOLDER', tmp_path)
    monkeypatch.setattr(run_all, 'BENCHMARKS', [('bad', ()), ('good', ('{clips}/DAVIS', ))])
    monkeypatch.setenv('VOSREG_CLIPS', str(tmp_path))
    (tmp_path / 'DAVIS').mkdir()
    out = tmp_path / 'tables.txt'
    monkeypatch.setattr(sys, 'argv', ['run_all.py', '--out', str(out)])
    with pytest.raises(SystemExit, match='failed: bad'):
        run_all.main()
    text = out.read_text()
    assert 'half a table\n(FAILED with status 3' in text
    assert f'a table of {Path(tmp_path, "DAVIS")}\n(done' in text
    assert text in capsys.readouterr().out
