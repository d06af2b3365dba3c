"""The converters as a user runs them, on files as the official code writes them, and back."""
import runpy
import sys

import pytest
import torch
from golden import REPOSITORY, build_model, official_state_dict

from vosreg.engine.checkpoints import load_from_local
from vosreg.engine.official.xmem import to_vosreg

CONVERTERS = REPOSITORY / 'tools' / 'model_converters'


@pytest.fixture(scope='module')
def official(golden_root):
    return official_state_dict(golden_root, 'xmem')


@pytest.fixture
def convert(monkeypatch):
    def run(source, target, converter='xmem_to_vosreg.py'):
        monkeypatch.setattr(sys, 'argv', [converter, str(source), str(target)])
        runpy.run_path(str(CONVERTERS / converter), run_name='__main__')
    return run


def test_official_file_there_and_back_again(official, convert, tmp_path):
    torch.save(official, tmp_path / 'XMem.pth')
    convert(tmp_path / 'XMem.pth', tmp_path / 'converted.pth')
    checkpoint = load_from_local(str(tmp_path / 'converted.pth'))
    assert len(official) == len(checkpoint['state_dict']) == 412
    assert checkpoint['meta'] == dict(converted_from='XMem', source='XMem.pth')
    build_model('_base_/models/xmem_resnet50.py').load_state_dict(checkpoint['state_dict'], strict=True)

    convert(tmp_path / 'converted.pth', tmp_path / 'back.pth', 'vosreg_to_xmem.py')
    back = load_from_local(str(tmp_path / 'back.pth'))
    assert set(back) == set(official) and all(torch.equal(back[name], official[name]) for name in official)


def test_order_of_the_inputs_of_the_fusers(official):
    converted = to_vosreg(official)
    theirs, ours = (weights['value_encoder.fuser.block1.conv1.weight'] for weights in (official, converted))
    assert torch.equal(ours[:, :256], theirs[:, 1024:]) and torch.equal(ours[:, 256:], theirs[:, :1024])
    theirs = official['decoder.fuser.block1.downsample.weight']
    ours = converted['head.fuser.block1.shortcut.weight']
    assert torch.equal(ours[:, :512], theirs[:, 1024:1536]) and torch.equal(ours[:, 512:1536], theirs[:, :1024])
    assert torch.equal(ours[:, 1536:], theirs[:, 1536:])


def test_foreign_entry_is_named(official, convert, tmp_path):
    torch.save({**official, 'key_comp.weight': torch.zeros(1)}, tmp_path / 'other.pth')
    with pytest.raises(SystemExit, match='error: .*other.pth: key_comp.weight is not an entry of .* XMem'):
        convert(tmp_path / 'other.pth', tmp_path / 'converted.pth')
    assert not (tmp_path / 'converted.pth').exists()
