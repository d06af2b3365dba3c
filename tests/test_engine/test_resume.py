"""An interrupted training goes on as if nothing had happened."""
import json
from pathlib import Path

import pytest
import torch
from mmengine.config import Config
from mmengine.hooks import Hook
from mmengine.runner import Runner
from toy_training import write_config

from vosreg.engine import CheckpointError, StrictRunner
from vosreg.engine.checkpoints import load_from_local


class Interrupted(Exception):
    pass


class InterruptHook(Hook):
    """Stands for a kill in the middle of an iteration."""

    def before_train_iter(self, runner, batch_idx, data_batch=None):
        if runner.iter == 5:
            raise Interrupted


def _config(folder, **changes) -> Config:
    folder.mkdir()
    # MMEngine names its global objects by the config's name and the second.
    config = Config.fromfile(write_config(folder / f'{folder.parent.name}_{folder.name}.py', **changes))
    config.work_dir = str(folder / 'work')
    return config


def _cut(config) -> None:
    """Train until the iteration after the last checkpoint, and be killed there."""
    runner = Runner.from_cfg(config)
    runner.register_hook(InterruptHook())
    with pytest.raises(Interrupted):
        runner.train()


def _resume(config, folder) -> None:
    """Go on in another work dir."""
    work_dir = config.work_dir
    config.resume, config.experiment_name = True, f'{folder.parent.name}_resumed'
    config.load_from = (Path(work_dir) / 'last_checkpoint').read_text()
    assert config.load_from.endswith('iter_4.pth')
    config.work_dir = str(folder / 'work')
    StrictRunner.from_cfg(config).train()


def _losses(folder) -> list:
    lines = next((folder / 'work').glob('*/vis_data/scalars.json')).read_text().splitlines()
    return [(record['step'], record['loss'], record['lr']) for record in map(json.loads, lines)]


def _weights(folder) -> dict:
    return load_from_local(str(folder / 'work' / 'iter_6.pth'))['state_dict']


@pytest.mark.parametrize('changes', [
    dict(optim_wrapper="dict(type='OptimWrapper', optimizer=dict(type='AdamW', lr=0.1))"),
    dict(optim_wrapper="dict(type='AutocastOptimWrapper', optimizer=dict(type='AdamW', lr=0.1))",
         custom_hooks="[dict(type='EMAHook', momentum=0.3)]")])
def test_a_resumed_run_ends_with_the_same_losses_and_weights(tmp_path, changes):
    Runner.from_cfg(_config(tmp_path / 'whole', **changes)).train()
    config = _config(tmp_path / 'cut', **changes)
    _cut(config)
    _resume(config, tmp_path / 'resumed')

    assert [step for step, _, _ in _losses(tmp_path / 'resumed')] == [5, 6]
    assert _losses(tmp_path / 'resumed') == _losses(tmp_path / 'whole')[4:]
    whole, resumed = _weights(tmp_path / 'whole'), _weights(tmp_path / 'resumed')
    assert all(torch.equal(whole[name], resumed[name]) for name in whole)


def test_a_resumed_run_goes_on_with_the_seed_that_was_drawn(tmp_path, monkeypatch):
    """A run without a seed of its own draws one, which shuffles the videos too."""
    monkeypatch.setattr('mmengine.runner.utils.sync_random_seed', iter((3, 1)).__next__)
    changes = dict(randomness='dict(seed=None)', train_dataloader='dict(train_dataloader, batch_size=1)')
    config = _config(tmp_path / 'cut', **changes)
    _cut(config)
    _resume(config, tmp_path / 'resumed')
    Runner.from_cfg(_config(tmp_path / 'whole', **dict(changes, randomness='dict(seed=3)'))).train()
    assert _losses(tmp_path / 'resumed') == _losses(tmp_path / 'whole')[4:]


def test_an_interrupted_save_leaves_the_checkpoint_before(tmp_path, monkeypatch):
    config = _config(tmp_path / 'run')
    Runner.from_cfg(config).train()
    path = tmp_path / 'run' / 'work' / 'iter_6.pth'
    before = path.read_bytes()
    monkeypatch.setattr('os.replace', lambda *paths: (_ for _ in ()).throw(Interrupted))
    runner = Runner.from_cfg(Config(dict(config, experiment_name='again')))
    with pytest.raises(Interrupted):
        runner.train()
    assert path.read_bytes() == before
    assert {file.name for file in path.parent.glob('*.pth')} == {'iter_4.pth', 'iter_6.pth'}


def test_resuming_another_model_is_refused(tmp_path):
    Runner.from_cfg(_config(tmp_path / 'first')).train()
    config = _config(tmp_path / 'second', model="dict(type='ToyModel', channels=4)")
    config.resume, config.load_from = True, str(tmp_path / 'first' / 'work' / 'iter_6.pth')
    with pytest.raises(CheckpointError, match=r'iter_6.pth does not fit the model \(1 weights\): .*conv.weight'):
        StrictRunner.from_cfg(config).train()
