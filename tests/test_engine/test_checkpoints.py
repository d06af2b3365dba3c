"""Checkpoints that are damaged, that hold code, or that do not fit."""
import os
import shutil
from collections import OrderedDict

import numpy as np
import pytest
import torch
from mmengine.runner import CheckpointLoader, load_checkpoint
from torch import nn

from vosreg.engine import load_config
from vosreg.engine.checkpoint_config import drop_training_parts
from vosreg.engine.checkpoints import (
    TRUST_VARIABLE,
    CheckpointError,
    allow_code,
    latest_checkpoint,
    load_from_http,
    load_from_local,
    load_weights,
)
from vosreg.registry import MODELS
from vosreg.zoo import DEFAULT_MODEL, find_model


class Code:
    """Touches a file when it is unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path), )


def _save(path, legacy=False, **content):
    torch.save(content, path, _use_new_zipfile_serialization=not legacy)
    return path


def _truncate(path):
    path.write_bytes(path.read_bytes()[:path.stat().st_size // 2])
    return path


@pytest.mark.parametrize('content, message', [
    (b'', 'is empty'),
    (b'just some text', 'is not a checkpoint'),
    (b'\xff\xd8\xff\xe0 a photograph', 'is not a checkpoint'),
    (b'PK\x03\x04 the start of a zip file', 'is truncated'),
    (b'\x80\x04\x95 a pickle of something else', 'truncated or not a checkpoint'),
])
def test_a_file_that_is_no_checkpoint_is_named(tmp_path, content, message):
    path = tmp_path / 'model.pth'
    path.write_bytes(content)
    with pytest.raises(CheckpointError, match=f'model.pth.*{message}|model.pth {message}'):
        load_from_local(str(path))


@pytest.mark.parametrize('legacy', [False, True])
def test_a_truncated_checkpoint_is_named(tmp_path, legacy):
    path = _truncate(_save(tmp_path / 'model.pth', legacy, state_dict=dict(weight=torch.rand(1000))))
    with pytest.raises(CheckpointError, match='model.pth.* truncated'):
        load_from_local(str(path))


def test_a_missing_checkpoint_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match='no such checkpoint: .*nowhere.pth'):
        load_from_local(str(tmp_path / 'nowhere.pth'))


def test_a_tensor_alone_is_no_checkpoint(tmp_path):
    torch.save(torch.rand(3), tmp_path / 'tensor.pth')
    with pytest.raises(CheckpointError, match='tensor.pth holds a Tensor'):
        load_from_local(str(tmp_path / 'tensor.pth'))


@pytest.mark.parametrize('legacy', [False, True])
def test_code_is_refused_and_not_executed_through_mmengine(tmp_path, monkeypatch, legacy):
    monkeypatch.delenv(TRUST_VARIABLE, raising=False)
    executed = tmp_path / 'executed'
    path = _save(tmp_path / 'code.pth', legacy, weight=torch.ones(1, 1), code=Code(executed))
    with pytest.raises(CheckpointError, match=r'code.pth holds code \(\w+.mkdir\).*--trust-checkpoint'):
        load_checkpoint(nn.Linear(1, 1), str(path))
    assert not executed.exists()

    monkeypatch.setenv(TRUST_VARIABLE, '1')
    load_checkpoint(nn.Linear(1, 1), str(path))
    assert executed.exists()


def test_the_tools_forbid_code_in_every_way_of_loading(tmp_path, monkeypatch):
    for variable in (TRUST_VARIABLE, 'TORCH_FORCE_WEIGHTS_ONLY_LOAD'):
        monkeypatch.setenv(variable, '0')
    path = _save(tmp_path / 'code.pth', code=Code(tmp_path / 'executed'))
    allow_code(False)
    with pytest.raises(Exception, match='mkdir'):
        torch.load(path, weights_only=False)
    assert not (tmp_path / 'executed').exists()


def test_plain_data_is_loaded(tmp_path):
    content = dict(weight=torch.rand(2), number=np.float32(1.5), flags=np.array([True, False]), ids=np.arange(3),
                   names=OrderedDict(a='b'), seed=np.int32(4))
    loaded = load_from_local(str(_save(tmp_path / 'model.pth', **content)))
    assert torch.equal(loaded['weight'], content['weight'])
    assert loaded['number'] == 1.5 and loaded['seed'] == 4 and loaded['names'] == {'a': 'b'}
    assert loaded['flags'].tolist() == [True, False] and loaded['ids'].tolist() == [0, 1, 2]


def test_a_url_is_downloaded_once_and_loaded_as_safely(tmp_path, monkeypatch):
    source = _save(tmp_path / 'model.pth', code=Code(tmp_path / 'executed'))
    downloads = []

    def download(url, path, progress):
        downloads.append(url)
        shutil.copy(source, path)

    monkeypatch.setattr(torch.hub, 'download_url_to_file', download)
    monkeypatch.setattr(torch.hub, 'get_dir', lambda: str(tmp_path / 'hub'))
    for _ in range(2):
        with pytest.raises(CheckpointError, match='holds code'):
            load_from_http('https://example.com/models/model.pth?version=2')
    assert downloads == ['https://example.com/models/model.pth?version=2']
    assert not (tmp_path / 'executed').exists()


def test_a_model_of_the_zoo_is_a_checkpoint():
    checkpoint = CheckpointLoader.load_checkpoint(f'zoo://{DEFAULT_MODEL}', map_location='cpu')
    config = load_config(find_model(DEFAULT_MODEL).config)
    drop_training_parts(config.model)
    model = MODELS.build(config.model)
    load_weights(model, checkpoint, DEFAULT_MODEL)
    name = 'key_encoder.key_projection.weight'
    assert torch.equal(model.state_dict()[name], checkpoint['state_dict'][name].float())
    with pytest.raises(ValueError, match=f"no model '{DEFAULT_MODEL[:-1]}'; did you mean {DEFAULT_MODEL}"):
        CheckpointLoader.load_checkpoint(f'zoo://{DEFAULT_MODEL[:-1]}')


def test_weights_of_other_shapes_are_refused_with_the_config_they_come_from():
    other = dict(state_dict=nn.Linear(4, 2).state_dict(), meta=dict(experiment_name='stcn_r50_20260102_030405'))
    with pytest.raises(CheckpointError, match=r'a.pth does not fit the model \(2 weights\): size mismatch for weight.*'
                       r'trained with stcn_r50\. '):
        load_weights(nn.Linear(3, 1), other, 'a.pth')


def test_missing_weights_are_refused_and_further_ones_are_not():
    model = nn.Linear(3, 1)
    with pytest.raises(CheckpointError, match='1 weights.*missing bias'):
        load_weights(model, dict(weight=torch.ones(1, 3)), 'a.pth')
    load_weights(model, {'module.weight': torch.ones(1, 3), 'bias': torch.ones(1), 'auxiliary': torch.ones(1)}, 'a.pth')
    assert torch.equal(model.weight, torch.ones(1, 3))


def test_the_latest_checkpoint_is_one_that_the_run_wrote(tmp_path):
    assert latest_checkpoint(str(tmp_path)) is None
    for name in ('epoch_9.pth', 'epoch_10.pth', 'epoch_x.pth'):
        (tmp_path / name).touch()
    assert latest_checkpoint(str(tmp_path)) == str(tmp_path / 'epoch_10.pth')
    for name in ('iter_600.pth', 'iter_5000.pth', 'iter_600-1a2b3c4d.pth', 'iter_9000_backup.pth', 'iter_best.pth'):
        (tmp_path / name).touch()
    assert latest_checkpoint(str(tmp_path)) == str(tmp_path / 'iter_5000.pth')
