"""The device that is chosen, on machines of all kinds."""
import importlib
import logging
from types import SimpleNamespace

import pytest
import torch
from mmengine.device import get_device, utils
from mmengine.runner import Runner
from torch import nn

from vosreg.engine import AutocastOptimWrapper, default_device, device


@pytest.fixture
def mac(monkeypatch):
    """A machine on which MMEngine finds a GPU of Apple's and PyTorch none with CUDA."""
    monkeypatch.setattr(torch.cuda, 'is_available', lambda: False)
    monkeypatch.setattr(utils, 'DEVICE', 'mps')
    importlib.reload(device)


def test_a_cuda_gpu_comes_first(monkeypatch):
    monkeypatch.setattr(torch.cuda, 'is_available', lambda: True)
    assert default_device() == 'cuda'


def test_a_mac_runs_on_its_cpu(mac):
    assert default_device() == get_device() == 'cpu'
    runner = SimpleNamespace(distributed=False, logger=logging.getLogger())
    model = Runner.wrap_model(runner, None, nn.Linear(1, 1))
    assert model.weight.device.type == 'cpu'
    wrapper = AutocastOptimWrapper(optimizer=torch.optim.SGD(model.parameters(), lr=1))
    assert wrapper.cast_dtype == torch.bfloat16 and not wrapper.loss_scaler.is_enabled()
