"""The command-line tools, run as a user does on a toy model."""
import os
import subprocess
from pathlib import Path

import pytest
import torch
from mmengine.config import Config
from toy_training import ToyModel, run_tool, write_config

from vosreg.engine.checkpoints import TRUST_VARIABLE, load_from_local
from vosreg.fileio import read_image, read_mask, read_video

TOOLS = Path(__file__).resolve().parents[2] / 'tools'


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Run a tool in this process, in a folder of its own; returns the work dir."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv(TRUST_VARIABLE, raising=False)

    def run_here(command: str, config: Path, *arguments) -> Path:
        run_tool(command, config, *arguments)
        return tmp_path / 'work_dirs' / config.stem

    return run_here


@pytest.fixture(scope='module')
def trained(tmp_path_factory) -> Path:
    """A checkpoint of the toy model."""
    path = tmp_path_factory.mktemp('trained') / 'toy.pth'
    torch.save(dict(state_dict=ToyModel().state_dict(), meta=dict(experiment_name='toy_20260101_000000')), path)
    return path


def test_train_writes_config_log_and_checkpoints_to_the_default_work_dir(run, tmp_path):
    config = write_config(tmp_path / f'toy_{tmp_path.name}.py')
    work_dir = run('train', config, '--amp', '--cfg-options', 'train_cfg.max_iters=3', 'randomness.seed=7')
    checkpoint = load_from_local(str(work_dir / 'iter_3.pth'))
    assert checkpoint['meta']['seed'] == 7
    assert 'loss_scaler' in checkpoint['optimizer']  # The wrapper for mixed precision was used.
    assert Config.fromfile(work_dir / config.name).train_cfg.max_iters == 3
    assert list(work_dir.glob('*/*.log'))


def test_the_learning_rate_scales_with_the_batch(run, tmp_path):
    config = write_config(tmp_path / f'toy_{tmp_path.name}.py', auto_scale_lr='dict(base_batch_size=8)')
    work_dir = run('train', config, '--auto-scale-lr', '--cfg-options', 'train_cfg.max_iters=2')
    optimizer = load_from_local(str(work_dir / 'iter_2.pth'))['optimizer']
    assert optimizer['param_groups'][0]['initial_lr'] == pytest.approx(0.1 * 2 / 8)
    config = write_config(tmp_path / f'plain_{tmp_path.name}.py')
    with pytest.raises(SystemExit, match='base_batch_size'):
        run('train', config, '--auto-scale-lr')


def test_resume_goes_on_from_the_latest_checkpoint_or_starts(run, tmp_path):
    config = write_config(tmp_path / f'toy_{tmp_path.name}.py')
    work_dir = run('train', config, '--resume', '--cfg-options', 'train_cfg.max_iters=4')
    assert (work_dir / 'last_checkpoint').read_text().endswith('iter_4.pth')
    # MMEngine names its global objects by the experiment's name and the second.
    run('train', config, '--resume', '--cfg-options', 'experiment_name=again')
    logs = sorted(path.read_text() for path in work_dir.glob('*/*.log'))
    assert any('resumed epoch: 0, iter: 4' in log for log in logs)
    assert (work_dir / 'iter_6.pth').exists()


def test_test_scores_writes_masks_and_draws_videos(run, tmp_path, trained):
    config = write_config(tmp_path / f'toy_{tmp_path.name}.py')
    work_dir = run('test', config, trained, '--out', tmp_path / 'masks', '--show-dir', tmp_path / 'shown')
    assert 'davis/F-Mean: 0.9800' in next(work_dir.glob('*/*.log')).read_text()
    assert read_mask(tmp_path / 'masks' / 'left' / '00002.png').shape == (9, 11)
    assert read_image(tmp_path / 'shown' / 'right' / '00003.jpg').shape == (9, 11, 3)
    assert {path.name for path in (tmp_path / 'shown').iterdir()} == {'left', 'right', 'left.mp4', 'right.mp4'}
    frames = list(read_video(tmp_path / 'shown' / 'left.mp4'))
    assert len(frames) == 4 and frames[0].shape == (10, 12, 3)


def test_test_draws_few_frames_by_default(run, tmp_path, trained):
    config = write_config(tmp_path / f'toy_{tmp_path.name}.py')
    work_dir = run('test', config, trained, '--cfg-options', 'default_hooks.visualization.interval=3')
    drawn = {str(path.relative_to(work_dir / 'vis')) for path in (work_dir / 'vis').rglob('*.jpg')}
    assert drawn == {'left/00000.jpg', 'left/00003.jpg', 'right/00000.jpg', 'right/00003.jpg'}


def test_a_model_with_weights_needs_a_checkpoint(run, tmp_path):
    config = write_config(tmp_path / f'toy_{tmp_path.name}.py')
    with pytest.raises(SystemExit, match='give the checkpoint'):
        run('test', config)


def test_match_precision_needs_a_model_that_matches(run, tmp_path, trained):
    config = write_config(tmp_path / f'toy_{tmp_path.name}.py')
    with pytest.raises(SystemExit, match='has a ToyModel, which does not match pixels; leave out --match-precision'):
        run('test', config, trained, '--match-precision')


def test_a_checkpoint_of_another_shape_is_refused(run, tmp_path, trained):
    config = write_config(tmp_path / f'toy_{tmp_path.name}.py', model="dict(type='ToyModel', channels=5)")
    message = r'^error: the checkpoint .*toy.pth does not fit the model.*conv.weight.*trained with toy\.'
    with pytest.raises(SystemExit, match=message):
        run('test', config, trained)


@pytest.mark.parametrize('trust', [False, True])
def test_a_checkpoint_with_code_needs_trust(run, tmp_path, trained, trust):

    class Code:

        def __reduce__(self):
            return os.mkdir, (str(tmp_path / 'executed'), )

    torch.save(dict(torch.load(trained), code=Code()), tmp_path / 'code.pth')
    config = write_config(tmp_path / f'toy_{tmp_path.name}.py')
    if trust:
        run('test', config, tmp_path / 'code.pth', '--trust-checkpoint')
    else:
        with pytest.raises(SystemExit, match='^error: the checkpoint .*code.pth holds code.*--trust-checkpoint'):
            run('test', config, tmp_path / 'code.pth')
    assert (tmp_path / 'executed').exists() == trust


def test_an_unknown_type_names_the_near_ones(run, tmp_path):
    config = write_config(tmp_path / f'toy_{tmp_path.name}.py')
    with pytest.raises(KeyError, match='no model is registered as ToyModle; did you mean ToyModel'):
        run('train', config, '--cfg-options', 'model.type=ToyModle')


def test_a_missing_config_is_named(run, tmp_path):
    with pytest.raises(SystemExit, match='^error: no such config: .*nowhere.py'):
        run('train', tmp_path / 'nowhere.py')


@pytest.mark.parametrize('command, arguments', [
    ('test', ['nowhere.pth']), ('train', ['--resume', 'nowhere.pth']),
    ('train', ['--cfg-options', 'load_from=nowhere.pth'])])
def test_a_missing_checkpoint_is_named_before_anything_is_built(run, tmp_path, monkeypatch, command, arguments):
    monkeypatch.setattr(ToyModel, '__init__', None)
    config = write_config(tmp_path / f'toy_{tmp_path.name}.py')
    with pytest.raises(SystemExit, match='^error: no such checkpoint: nowhere.pth$'):
        run(command, config, *arguments)


@pytest.mark.parametrize('command', ['train', 'test'])
def test_missing_data_is_an_error_of_one_line(run, tmp_path, trained, command):
    config = write_config(tmp_path / f'toy_{tmp_path.name}.py')
    arguments = [trained] if command == 'test' else []
    with pytest.raises(SystemExit, match='^error: no DAVIS data set at nowhere: .*[^\n]*$'):
        run(command, config, *arguments, '--cfg-options', f'{command}_dataloader.dataset.type=DAVISDataset',
            f'{command}_dataloader.dataset.data_root=nowhere')


@pytest.mark.parametrize('script, arguments, tail', [
    ('slurm_train.sh', ['config.py', '--amp'], ['train.py', 'config.py', '--launcher', 'slurm', '--amp']),
    ('slurm_test.sh', ['config.py', 'a.pth'], ['test.py', 'config.py', 'a.pth', '--launcher', 'slurm']),
])
def test_slurm_gets_the_job_and_the_tool(tmp_path, script, arguments, tail):
    (tmp_path / 'srun').write_text('#!/bin/sh\nprintf "%s\\n" "$@"')
    (tmp_path / 'srun').chmod(0o755)
    environment = dict(os.environ, PATH=f'{tmp_path}:{os.environ["PATH"]}', GPUS='4', SRUN_ARGS='--quiet --exclusive')
    words = subprocess.run(['bash', TOOLS / script, 'gpu', 'my job', *arguments], env=environment, check=True,
                           capture_output=True, text=True).stdout.splitlines()
    assert {'--job-name=my job', '--gres=gpu:4', '--ntasks=4', '--quiet', '--exclusive'} <= set(words)
    assert [Path(word).name for word in words[-len(tail):]] == tail


def test_scripts_without_their_arguments_tell_them():
    for script in sorted(TOOLS.glob('*.sh')):
        result = subprocess.run(['bash', script], capture_output=True, text=True)
        assert result.returncode == 2 and 'usage: ' in result.stderr and 'CONFIG' in result.stderr
