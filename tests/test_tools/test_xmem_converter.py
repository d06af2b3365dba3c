"""The converter as a user runs it, on files as the official code writes them."""
import subprocess
import sys

import pytest
import torch
from golden import REPOSITORY, build_model, load_module, official_state_dict

from vosreg.engine.checkpoints import load_from_local

CONVERTER = REPOSITORY / 'tools' / 'model_converters' / 'xmem_to_vosreg.py'


@pytest.fixture(scope='module')
def official(golden_root):
    return official_state_dict(golden_root, 'xmem')


def convert(source, target):
    return subprocess.run([sys.executable, str(CONVERTER), str(source), str(target)], capture_output=True, text=True)


def test_official_file(official, tmp_path):
    torch.save(official, tmp_path / 'XMem.pth')
    result = convert(tmp_path / 'XMem.pth', tmp_path / 'converted.pth')
    assert result.returncode == 0, result.stderr
    checkpoint = load_from_local(str(tmp_path / 'converted.pth'))
    assert len(official) == len(checkpoint['state_dict']) == 412
    assert checkpoint['meta'] == dict(converted_from='XMem', source='XMem.pth')
    build_model('_base_/models/xmem_resnet50.py').load_state_dict(checkpoint['state_dict'], strict=True)


def test_order_of_the_inputs_of_the_fusers(official):
    converted = load_module(CONVERTER).convert(official)
    theirs, ours = (weights['value_encoder.fuser.block1.conv1.weight'] for weights in (official, converted))
    assert torch.equal(ours[:, :256], theirs[:, 1024:]) and torch.equal(ours[:, 256:], theirs[:, :1024])
    theirs = official['decoder.fuser.block1.downsample.weight']
    ours = converted['head.fuser.block1.shortcut.weight']
    assert torch.equal(ours[:, :512], theirs[:, 1024:1536]) and torch.equal(ours[:, 512:1536], theirs[:, :1024])
    assert torch.equal(ours[:, 1536:], theirs[:, 1536:])


def test_foreign_entry_is_named(official, tmp_path):
    torch.save({**official, 'key_comp.weight': torch.zeros(1)}, tmp_path / 'other.pth')
    result = convert(tmp_path / 'other.pth', tmp_path / 'converted.pth')
    assert result.returncode != 0 and 'key_comp.weight is not an entry of an XMem state dict' in result.stderr
    assert not (tmp_path / 'converted.pth').exists()
