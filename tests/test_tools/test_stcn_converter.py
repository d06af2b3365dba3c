"""The converters as a user runs them, on files as the official code writes them, and back."""
import runpy
import sys

import pytest
import torch
from golden import REPOSITORY, build_model, official_state_dict

from vosreg.engine.checkpoints import load_from_local
from vosreg.engine.official.stcn import TRUNK_CONVOLUTION, from_vosreg, to_vosreg

CONVERTERS = REPOSITORY / 'tools' / 'model_converters'


@pytest.fixture(scope='module')
def official(golden_root):
    return official_state_dict(golden_root, 'stcn')


@pytest.fixture
def convert(monkeypatch):
    def run(source, target, converter='stcn_to_vosreg.py'):
        monkeypatch.setattr(sys, 'argv', [converter, str(source), str(target)])
        runpy.run_path(str(CONVERTERS / converter), run_name='__main__')
    return run


def test_official_file(official, convert, tmp_path):
    torch.save({f'module.{name}': tensor for name, tensor in official.items()}, tmp_path / 'stcn.pth')
    convert(tmp_path / 'stcn.pth', tmp_path / 'converted.pth')
    checkpoint = load_from_local(str(tmp_path / 'converted.pth'))
    # 405 entries, of which the 15 biases of the value trunk's convolutions are folded away.
    assert len(official) == 405 and len(checkpoint['state_dict']) == 390
    build_model('_base_/models/stcn_resnet50.py').load_state_dict(checkpoint['state_dict'], strict=True)


def test_single_object_file(official, convert, tmp_path, capsys):
    weight = 'value_encoder.conv1.weight'
    torch.save({**official, weight: official[weight][:, :4]}, tmp_path / 'stage0.pth')
    convert(tmp_path / 'stage0.pth', tmp_path / 'converted.pth')
    assert 'single-object network' in capsys.readouterr().out
    saved = load_from_local(str(tmp_path / 'converted.pth'))['state_dict']
    assert saved['value_encoder.backbone.model.conv1.weight'].shape == (64, 4, 7, 7)


def test_bias_is_folded_into_the_mean(official):
    """BatchNorm(conv(x) + b) with the official mean is BatchNorm(conv(x)) with ours."""
    converted = to_vosreg(official)
    for official_norm, bias, ours in (
            ('bn1', 'conv1', 'bn1'), ('layer2.0.bn2', 'layer2.0.conv2', 'layer2.0.bn2'),
            ('layer3.0.downsample.1', 'layer3.0.downsample.0', 'layer3.0.downsample.1')):
        expected = (official[f'value_encoder.{official_norm}.running_mean']
                    - official[f'value_encoder.{bias}.bias'])
        assert torch.equal(converted[f'value_encoder.backbone.model.{ours}.running_mean'], expected)


def test_foreign_entry_is_named(official, convert, tmp_path):
    torch.save({**official, 'decoder.extra.weight': torch.zeros(1)}, tmp_path / 'other.pth')
    with pytest.raises(SystemExit, match='error: .*other.pth: decoder.extra.weight is not an entry of .* STCN'):
        convert(tmp_path / 'other.pth', tmp_path / 'converted.pth')
    assert not (tmp_path / 'converted.pth').exists()


@pytest.mark.parametrize('network', ['stcn', 'corr'])
def test_there_and_back_again(golden_root, network):
    """All that changes is where a bias of the value trunk stands: in the mean of the BatchNorm after it."""
    official = official_state_dict(golden_root, network)
    ours = to_vosreg(official)
    back = from_vosreg(ours)
    assert set(back) == set(official)
    trunk_biases = {name for name in official if TRUNK_CONVOLUTION.match(name) and name.endswith('.bias')}
    assert len(trunk_biases) == 15 and not any(back[name].any() for name in trunk_biases)
    equal = {name for name in official if torch.equal(back[name], official[name])}
    changed = {name for name in official if name.startswith('value_encoder.') and name.endswith('.running_mean')}
    assert len(changed) == 15 and equal == set(official) - trunk_biases - changed
    again = to_vosreg(back)
    assert set(again) == set(ours) and all(torch.equal(again[name], ours[name]) for name in ours)


def test_back_to_an_official_file(official, convert, tmp_path):
    """From half-precision weights of a training with a projection for its loss."""
    ours = {name: tensor.half() if tensor.ndim == 4 else tensor for name, tensor in to_vosreg(official).items()}
    torch.save({'state_dict': {**ours, 'correspondence.0.projection.weight': torch.zeros(1)}}, tmp_path / 'ours.pth')
    convert(tmp_path / 'ours.pth', tmp_path / 'stcn.pth', 'vosreg_to_stcn.py')
    back = load_from_local(str(tmp_path / 'stcn.pth'))
    assert {name: tensor.shape for name, tensor in back.items()} == {name: t.shape for name, t in official.items()}
    name = 'decoder.compress.conv1.weight'
    assert back[name].dtype == torch.float32 and torch.equal(back[name], official[name].half().float())


def test_another_network_does_not_go_back(convert, tmp_path):
    model = build_model('_base_/models/stcn_efficientnet_lite0.py')
    torch.save({'state_dict': model.state_dict()}, tmp_path / 'small.pth')
    with pytest.raises(SystemExit, match='error: .*small.pth does not fit the model'):
        convert(tmp_path / 'small.pth', tmp_path / 'stcn.pth', 'vosreg_to_stcn.py')
    assert not (tmp_path / 'stcn.pth').exists()
