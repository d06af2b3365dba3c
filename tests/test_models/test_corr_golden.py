"""The correspondence paper's network against the official implementation, and its checkpoints."""
import re
import sys

import numpy as np
import pytest
import torch
from golden import REPOSITORY, build_model, load_module, normalise, official_state_dict
from mmengine.config import Config
from mmengine.optim import build_optim_wrapper

from vosreg.engine.checkpoints import load_from_local, load_weights
from vosreg.engine.official.stcn import to_vosreg
from vosreg.registry import MODELS


@pytest.fixture(scope='module')
def official(golden_root):
    return official_state_dict(golden_root, 'corr')


@pytest.fixture(scope='module')
def network(official):
    model = build_model('_base_/models/corr_resnet50.py')
    model.load_state_dict(to_vosreg(official), strict=True)
    return model


@pytest.fixture(scope='module')
def golden(golden_root):
    with np.load(golden_root / 'corr_inference.npz') as archive:
        return {name.removeprefix('tennis__'): torch.from_numpy(archive[name]) for name in archive}


@pytest.fixture(scope='module')
def clip(clips):
    return normalise(clips['tennis_frames'][:6]), torch.from_numpy(clips['tennis_mask0'])


def test_inference(network, golden, clip):
    images, mask = clip
    network.test_cfg = dict(mem_every=2)
    stream = network.stream('tennis')
    probabilities, agreement = [], []
    for t, image in enumerate(images):
        prob = stream.step(image, mask if t == 0 else None, is_last=t == len(images) - 1)
        probabilities.append(prob[:, ::4, ::4])
        agreement.append((stream.index_mask(prob, mask.shape) == golden['mask'][t]).double().mean())
        assert (1 - agreement[-1]) * mask.numel() <= 30
    difference = (torch.stack(probabilities, dim=1) - golden['prob']).abs()
    print(f'CORR tennis: prob max {difference.max():.1e} mean {difference.mean():.1e}, '
          f'pixels that agree {np.mean(agreement):.6f}')
    assert difference.max() < 3e-4
    assert difference.mean() < 2e-5


@torch.no_grad()
def test_intermediate_arrays(network, golden, clip):
    images, mask = clip
    features = network.encode(images[:2])
    network.test_cfg = dict(mem_every=1)
    stream = network.stream('tennis')
    prob = stream.step(images[0], mask)
    value = network.value_encoder(images[:1], features.select(slice(0, 1)), prob[None, 1:])
    query = features.select(slice(1, 2))
    readout = stream.memory.read(query)
    logits = torch.nn.functional.interpolate(network.head(readout, query)[0], scale_factor=4, mode='bilinear')
    for name, array, tolerance in (
            ('key_frame0', features.key[0], 5e-4), ('key_frame1', features.key[1], 5e-4),
            ('f16_frame1_first8', features.context[1, :8], 5e-4), ('value_frame0_first8', value[0, :, :8], 5e-4),
            ('readout_frame1_first8', readout[0, :, :8], 5e-3), ('sigmoid_frame1', logits.sigmoid()[0, :, ::4, ::4],
                                                                 3e-4)):
        torch.testing.assert_close(array.squeeze(), golden[name].squeeze(), atol=tolerance, rtol=0, msg=name)


def test_training_checkpoint_converts(official, network, tmp_path, monkeypatch):
    """Its second key projection becomes the loss's own: a training takes it, and inference does without."""
    generator = torch.Generator().manual_seed(0)
    projection = {f'key_proj2.key_proj.{name}': torch.randn(shape, generator=generator)
                  for name, shape in (('weight', (64, 1024, 3, 3)), ('bias', (64, )))}
    torch.save(dict(official, **projection), tmp_path / 'official.pth')
    monkeypatch.setattr(sys, 'argv', ['', str(tmp_path / 'official.pth'), str(tmp_path / 'ours.pth')])
    load_module(REPOSITORY / 'tools/model_converters/stcn_to_vosreg.py').main()
    checkpoint = load_from_local(str(tmp_path / 'ours.pth'))
    assert checkpoint['meta']['converted_from'] == 'VOS-Correspondence'

    load_weights(build_model('_base_/models/corr_resnet50.py'), checkpoint, 'ours.pth')
    config = Config.fromfile(REPOSITORY / 'configs/correspondence/corr_resnet50_davis2017.py').model
    training = MODELS.build(config)
    training.load_state_dict(checkpoint['state_dict'], strict=True)
    for name, tensor in training.correspondence[0].projection.state_dict().items():
        assert torch.equal(tensor, projection[f'key_proj2.key_proj.{name}'])
    assert sum(parameter.numel() for parameter in training.parameters()) == pytest.approx(59.78e6, abs=1e4)
    assert sum(parameter.numel() for parameter in network.parameters()) == pytest.approx(59.19e6, abs=1e4)


def test_learning_rates():
    """The pretrained encoders learn more slowly than the rest, their deeper stages less so."""
    config = Config.fromfile(REPOSITORY / 'configs/correspondence/corr_resnet50_davis2017.py')
    model = MODELS.build(config.model)
    config.optim_wrapper.type = 'OptimWrapper'
    groups = build_optim_wrapper(model, config.optim_wrapper).param_groups
    rates = {id(parameter): group['lr'] for group in groups for parameter in group['params']}
    for name, parameter in model.named_parameters():
        if name.startswith(('key_encoder.backbone.', 'value_encoder.')):
            factor = 0.4 if re.search(r'backbone.model.layer[23]', name) else 0.2
        else:
            factor = 1
        assert rates[id(parameter)] == pytest.approx(factor * 5e-5), name
