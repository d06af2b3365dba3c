"""The mean of checkpoints."""
import runpy
import sys

import pytest
import torch
from golden import REPOSITORY

TOOL = REPOSITORY / 'tools' / 'model_converters' / 'average_checkpoints.py'


@pytest.fixture
def checkpoints(tmp_path) -> list:
    """Files of two states: a weight in two types, and a counter."""
    states = [dict(weight=torch.tensor([1.0, 4.0]), count=torch.tensor(7)),
              dict(weight=torch.tensor([2.0, 0.0], dtype=torch.float16), count=torch.tensor(9))]
    paths = [str(tmp_path / f'{number}.pth') for number in range(2)]
    for number, (state, path) in enumerate(zip(states, paths)):
        torch.save(dict(state_dict=state, meta=dict(iter=number), optimizer={}), path)
    return paths


def run(monkeypatch, *args) -> None:
    monkeypatch.setattr(sys, 'argv', [str(TOOL), *args])
    runpy.run_path(str(TOOL), run_name='__main__')


def test_mean_of_weights(checkpoints, tmp_path, monkeypatch):
    run(monkeypatch, *checkpoints, '--out', str(tmp_path / 'mean.pth'))
    mean = torch.load(tmp_path / 'mean.pth', weights_only=True)
    assert mean['state_dict']['weight'].tolist() == [1.5, 2.0]
    assert mean['state_dict']['weight'].dtype == torch.float16
    assert mean['state_dict']['count'] == 9
    assert mean['meta'] == dict(iter=1) and 'optimizer' not in mean


@pytest.mark.parametrize('state', [dict(weight=torch.zeros(3), count=torch.tensor(0)), dict(weight=torch.zeros(2)), {}])
def test_other_models_are_refused(state, checkpoints, tmp_path, monkeypatch):
    other = tmp_path / 'other.pth'
    torch.save(dict(state_dict=state), other)
    with pytest.raises(SystemExit, match='error: .*other.pth .* are not of one model'):
        run(monkeypatch, str(other), *checkpoints, '--out', str(tmp_path / 'mean.pth'))
    assert not (tmp_path / 'mean.pth').exists()


def test_not_a_checkpoint(checkpoints, tmp_path, monkeypatch):
    other = tmp_path / 'other.pth'
    torch.save(dict(model={}), other)
    with pytest.raises(SystemExit, match='error: .*other.pth has no state_dict'):
        run(monkeypatch, *checkpoints, str(other), '--out', str(tmp_path / 'mean.pth'))
