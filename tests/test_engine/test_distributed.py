"""Two processes do what one does."""
import json
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
import torch
from mmengine.config import Config
from toy_training import ToyModel, run_tool, write_config

from vosreg.engine import launched
from vosreg.engine.checkpoints import load_from_local

on_cpu = pytest.mark.skipif(torch.cuda.is_available(), reason='for machines without a GPU')
TOOLS = Path(__file__).resolve().parents[2] / 'tools'


def _run_script(script: str, *arguments) -> None:
    environment = dict(os.environ, PYTHONPATH=str(TOOLS.parent / 'tests'), PYTHON=sys.executable,
                       CUDA_VISIBLE_DEVICES='', PORT='29517', OMP_NUM_THREADS='1')
    result = subprocess.run([TOOLS / script, *map(str, arguments)], env=environment, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr[-3000:]


@on_cpu
def test_two_processes_train_the_weights_of_one(tmp_path):
    config = write_config(tmp_path / 'toy_train.py')
    options = ['--cfg-options', 'model.dropout=0', 'train_cfg.max_iters=4']
    run_tool('train', config, '--work-dir', tmp_path / 'one', *options)
    _run_script('dist_train.sh', config, 2, '--work-dir', tmp_path / 'two', *options, 'train_dataloader.batch_size=1')
    one, two = (load_from_local(str(tmp_path / folder / 'iter_4.pth'))['state_dict'] for folder in ('one', 'two'))
    for name in one:
        torch.testing.assert_close(two[name], one[name], rtol=1e-5, atol=1e-6)


@on_cpu
def test_two_processes_score_each_video_once(tmp_path):
    config = write_config(tmp_path / 'toy_test.py')
    torch.save(ToyModel().state_dict(), tmp_path / 'toy.pth')
    run_tool('test', config, tmp_path / 'toy.pth', '--work-dir', tmp_path / 'one')
    _run_script('dist_test.sh', config, tmp_path / 'toy.pth', 2, '--work-dir', tmp_path / 'two', '--out',
                tmp_path / 'masks')
    one, two = (json.loads(next((tmp_path / folder).glob('*/*.json')).read_text()) for folder in ('one', 'two'))
    scores = [name for name in one if name.startswith('davis/')]
    assert len(scores) == 7 and {name: two[name] for name in scores} == {name: one[name] for name in scores}
    assert len(list((tmp_path / 'masks').glob('*/*.png'))) == 8


@on_cpu
def test_processes_wait_for_each_other_longer_than_by_default(monkeypatch):
    """One may have been given the slower videos."""
    joined = {}
    monkeypatch.setattr(torch.distributed, 'init_process_group', lambda **settings: joined.update(settings))
    config = Config.fromfile(TOOLS.parent / 'configs/_base_/default_runtime.py')
    with launched(config, 'pytorch'):
        assert joined == dict(backend='gloo', timeout=timedelta(hours=1))
    with launched(Config(), 'pytorch'):
        assert joined == dict(backend='gloo', timeout=None)


@on_cpu
def test_other_launchers_need_a_gpu():
    with pytest.raises(ValueError, match='no GPU; on the CPU run with --launcher pytorch, not slurm'), \
            launched(Config(), 'slurm'):
        pass
