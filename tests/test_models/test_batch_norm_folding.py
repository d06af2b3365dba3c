"""Folding batch norms changes nothing but time."""
import pytest
import timm
import torch
from torch import nn

from vosreg.models.backbones import TIMMBackbone
from vosreg.models.batch_norm_folding import fold_batch_norms


def random_backbone(name: str) -> TIMMBackbone:
    torch.manual_seed(0)
    backbone = TIMMBackbone(name)
    for module in backbone.modules():
        if isinstance(module, nn.BatchNorm2d):
            for tensor in (module.running_mean, module.bias.data, module.weight.data, module.running_var):
                tensor.uniform_(0.5, 1.5)
    return backbone


@pytest.mark.parametrize('name', ['resnet18', 'resnet26', 'tf_efficientnet_lite0'])
@torch.no_grad()
def test_the_twin_computes_the_same_without_batch_norms(name):
    backbone = random_backbone(name)
    state = {key: value.clone() for key, value in backbone.state_dict().items()}
    image = torch.rand(2, 3, 64, 96)
    expected = backbone(image)
    twin = fold_batch_norms(backbone)
    assert not any(isinstance(module, nn.BatchNorm2d) for module in twin.modules())
    for stride, maps in twin(image).items():
        torch.testing.assert_close(maps, expected[stride], rtol=1e-4, atol=1e-5 * float(expected[stride].abs().max()))
    assert state.keys() == backbone.state_dict().keys()
    assert all(torch.equal(value, state[key]) for key, value in backbone.state_dict().items())
    assert all(torch.equal(maps, expected[stride]) for stride, maps in backbone(image).items())


def test_weights_that_are_not_folded_are_shared():
    model = nn.ModuleDict(dict(backbone=random_backbone('resnet18'), head=nn.Conv2d(4, 4, 1)))
    twin = fold_batch_norms(model)
    assert twin is not model and twin['head'] is model['head']
    assert fold_batch_norms(model['head']) is model['head']


def test_batch_norms_in_training_mode_and_of_other_networks_stay():
    backbone = random_backbone('resnet18')
    backbone.norm_eval = False
    assert fold_batch_norms(backbone.train()) is backbone
    other = timm.create_model('test_convnext.r160_in1k').eval()
    assert fold_batch_norms(other) is other
    norms = nn.Sequential(nn.Conv2d(3, 3, 1), nn.BatchNorm2d(3)).eval()
    assert fold_batch_norms(norms) is norms
