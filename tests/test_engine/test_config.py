"""Finding and loading configs."""
from importlib.util import find_spec

import pytest

from vosreg.engine import CheckpointError, embedded_config, find_config, load_config


def test_a_file_comes_first_and_then_what_comes_with_vosreg(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    packaged = find_config('_base_/default_runtime.py')
    assert packaged.is_absolute() and find_config('vosreg::_base_/default_runtime.py') == packaged
    (tmp_path / '_base_').mkdir()
    (tmp_path / '_base_' / 'default_runtime.py').write_text('mine = 1')
    assert load_config('_base_/default_runtime.py').mine == 1


def test_a_config_that_is_nowhere_names_the_near_ones():
    with pytest.raises(FileNotFoundError, match='no such config: stcn/stcn_resnet55_davis2017.py; .* '
                       'stcn/stcn_resnet50_davis2017.py'):
        find_config('stcn/stcn_resnet55_davis2017.py')


def test_the_work_dir_is_the_users_then_the_configs_then_by_name(tmp_path):
    path = tmp_path / 'mine.py'
    path.write_text('a = dict(b=1)')
    config = load_config(path, {'a.b': 2})
    assert config.work_dir == 'work_dirs/mine' and config.a.b == 2
    path.write_text('work_dir = \'here\'')
    assert load_config(path).work_dir == 'here'
    assert load_config(path, work_dir='there').work_dir == 'there'


@pytest.mark.parametrize('text, scope', [
    ('a = 1', 'vosreg'), ('default_scope = None', 'vosreg'), ("default_scope = 'mmseg'", 'mmseg')])
def test_names_in_a_config_without_a_scope_are_those_of_vosreg(text, scope, tmp_path):
    """Pure-Python configs name classes, and so no scope, but options such as --amp and parts inside parts are names."""
    path = tmp_path / 'mine.py'
    path.write_text(text)
    assert load_config(path).default_scope == scope


def test_tensorboard_is_written_where_it_is_installed(tmp_path, monkeypatch):
    before = 'TensorboardVisBackend' in str(load_config('_base_/default_runtime.py').visualizer)
    assert before == bool(find_spec('tensorboard'))
    (tmp_path / 'tensorboard.py').touch()
    monkeypatch.syspath_prepend(tmp_path)
    assert 'TensorboardVisBackend' in str(load_config('_base_/default_runtime.py').visualizer)


def test_the_config_of_a_checkpoint_is_read_and_not_run(tmp_path):
    text = "a = dict(b=[1, -2.5, (None, True)], c={'J&F': 'x'})\nd = dict({'y.z': dict(e=1)})\n"
    assert embedded_config({'meta': {'cfg': text}}, 'x.pth').to_dict() == dict(
        a=dict(b=[1, -2.5, (None, True)], c={'J&F': 'x'}), d={'y.z': dict(e=1)})
    for code in ('import os', f"a = open('{tmp_path}/made', 'w')", 'a = dict(**b)', 'a.b = 1', 'a = ('):
        with pytest.raises(CheckpointError, match='cannot be read without running it'):
            embedded_config({'meta': {'cfg': code}}, 'x.pth')
    assert not (tmp_path / 'made').exists()
    with pytest.raises(CheckpointError, match='x.pth does not hold the config'):
        embedded_config({}, 'x.pth')
