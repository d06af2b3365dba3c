"""The converter as a user runs it, on files as the official code writes them."""
import subprocess
import sys

import pytest
import torch
from golden import REPOSITORY, build_model, load_module, official_state_dict

from vosreg.engine.checkpoints import load_from_local

CONVERTER = REPOSITORY / 'tools' / 'model_converters' / 'stcn_to_vosreg.py'


@pytest.fixture(scope='module')
def official(golden_root):
    return official_state_dict(golden_root, 'stcn')


def convert(source, target):
    return subprocess.run([sys.executable, str(CONVERTER), str(source), str(target)], capture_output=True, text=True)


def test_official_file(official, tmp_path):
    torch.save({f'module.{name}': tensor for name, tensor in official.items()}, tmp_path / 'stcn.pth')
    result = convert(tmp_path / 'stcn.pth', tmp_path / 'converted.pth')
    assert result.returncode == 0, result.stderr
    checkpoint = load_from_local(str(tmp_path / 'converted.pth'))
    # 405 entries, of which the 15 biases of the value trunk's convolutions are folded away.
    assert len(official) == 405 and len(checkpoint['state_dict']) == 390
    build_model('_base_/models/stcn_resnet50.py').load_state_dict(checkpoint['state_dict'], strict=True)


def test_single_object_file(official, tmp_path):
    weight = 'value_encoder.conv1.weight'
    torch.save({**official, weight: official[weight][:, :4]}, tmp_path / 'stage0.pth')
    result = convert(tmp_path / 'stage0.pth', tmp_path / 'converted.pth')
    assert result.returncode == 0 and 'single-object network' in result.stdout, result.stderr
    saved = load_from_local(str(tmp_path / 'converted.pth'))['state_dict']
    assert saved['value_encoder.backbone.model.conv1.weight'].shape == (64, 4, 7, 7)


def test_bias_is_folded_into_the_mean(official):
    """BatchNorm(conv(x) + b) with the official mean is BatchNorm(conv(x)) with ours."""
    converted = load_module(CONVERTER).convert(official)
    for official_norm, bias, ours in (
            ('bn1', 'conv1', 'bn1'), ('layer2.0.bn2', 'layer2.0.conv2', 'layer2.0.bn2'),
            ('layer3.0.downsample.1', 'layer3.0.downsample.0', 'layer3.0.downsample.1')):
        expected = (official[f'value_encoder.{official_norm}.running_mean']
                    - official[f'value_encoder.{bias}.bias'])
        assert torch.equal(converted[f'value_encoder.backbone.model.{ours}.running_mean'], expected)


def test_foreign_entry_is_named(official, tmp_path):
    torch.save({**official, 'decoder.extra.weight': torch.zeros(1)}, tmp_path / 'other.pth')
    result = convert(tmp_path / 'other.pth', tmp_path / 'converted.pth')
    assert result.returncode != 0 and 'decoder.extra.weight is not an entry of an STCN state dict' in result.stderr
    assert not (tmp_path / 'converted.pth').exists()
