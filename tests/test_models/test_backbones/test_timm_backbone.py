"""Pyramids of timm models: shapes, trimming, BatchNorm, extra channels, loading."""
import pytest
import timm
import torch
from mmengine.model import BaseModule, convert_sync_batchnorm
from torch import nn

from vosreg.models.backbones import TIMMBackbone
from vosreg.models.backbones.weight_loading import load_backbone_weights
from vosreg.registry import MODELS

CHANNELS = {
    'resnet18': (64, 128, 256),
    'resnet50': (256, 512, 1024),
    'convnext_tiny': (96, 192, 384),
    'mobilenetv3_large_100': (24, 40, 112),
    'tf_efficientnet_lite0': (24, 40, 112),
    'swin_tiny_patch4_window7_224': (96, 192, 384),
}
PLAIN = ('vit_small_patch14_dinov2', 'vit_small_patch16_dinov3')


def pretrained(path, weights):
    """An init_cfg that loads these weights through a file."""
    torch.save(weights, path)
    return dict(type='Pretrained', checkpoint=str(path))


def pretend_trained(model):
    """Weights of a model with BatchNorm statistics away from 0 and 1, as training leaves them."""
    generator = torch.Generator().manual_seed(0)
    return {name: tensor + torch.rand(tensor.shape, generator=generator) if 'running' in name else tensor
            for name, tensor in model.state_dict().items()}


@pytest.mark.parametrize('model_name', [*CHANNELS, *PLAIN])
def test_pyramid_of_any_size_and_no_dead_weight(model_name):
    backbone = TIMMBackbone(model_name, in_channels=5)
    expected = dict(zip((4, 8, 16), CHANNELS.get(model_name, (256, 256, 256))))
    assert backbone.strides == (4, 8, 16)
    assert backbone.channels == expected

    height, width = 48, 80
    pyramid = backbone(torch.randn(2, 5, height, width))
    assert {stride: tuple(level.shape) for stride, level in pyramid.items()} == {
        stride: (2, channels, height // stride, width // stride) for stride, channels in expected.items()}
    # What gets no gradient is deeper than the pyramid and should not exist.
    sum(level.square().sum() for level in pyramid.values()).backward()
    assert [name for name, parameter in backbone.named_parameters() if parameter.grad is None] == []


@pytest.mark.parametrize('model_name', ['swin_tiny_patch4_window7_224', 'vit_small_patch14_dinov2'])
@pytest.mark.parametrize('size', [(240, 432), (192, 192)])
def test_transformers_take_video_sizes(model_name, size):
    backbone = TIMMBackbone(model_name, frozen=True).eval()
    with torch.no_grad():
        pyramid = backbone(torch.randn(1, 3, *size))
    assert [level.shape[-2:] for level in pyramid.values()] == [
        (size[0] // stride, size[1] // stride) for stride in (4, 8, 16)]


@pytest.mark.parametrize(('model_name', 'parameters'), [
    ('tf_efficientnet_lite0', 700_768),  # stem and five of seven stages; 4.65 M whole, 2.96 M as timm's features_only
    ('mobilenetv3_large_100', 792_488), ('resnet50', 8_543_296)])
def test_deeper_stages_are_cut_off(model_name, parameters):
    assert sum(parameter.numel() for parameter in TIMMBackbone(model_name).parameters()) == parameters


def test_resnet_keeps_the_names_of_timm():
    children = {name.split('.')[0] for name in TIMMBackbone('resnet50').model.state_dict()}
    assert children == {'conv1', 'bn1', 'layer1', 'layer2', 'layer3'}


@pytest.mark.parametrize(('model_name', 'levels', 'options'), [
    ('resnet18', (1, 2, 3), {}), ('convnext_tiny', (0, 1, 2), {}), ('tf_efficientnet_lite0', (1, 2, 3), {}),
    ('swin_tiny_patch4_window7_224', (0, 1, 2), dict(strict_img_size=False))])
@pytest.mark.parametrize('features_only', [True, False])
def test_loads_both_forms_of_timm_and_gives_their_levels(model_name, levels, options, features_only, tmp_path):
    reference = timm.create_model(model_name, features_only=True, out_indices=levels, **options).eval()
    weights = pretend_trained(reference)
    reference.load_state_dict(weights)
    if not features_only:
        whole = timm.create_model(model_name).state_dict()
        by_flat_name = {name.replace('_', '.'): tensor for name, tensor in weights.items()}
        weights = {name: by_flat_name.get(name.replace('_', '.'), tensor) for name, tensor in whole.items()}
        assert len(weights) > len(by_flat_name)

    backbone = TIMMBackbone(model_name, init_cfg=pretrained(tmp_path / 'weights.pth', weights)).eval()
    backbone.init_weights()
    images = torch.randn(1, 3, 64, 96)
    with torch.no_grad():
        expected = reference(images)
        pyramid = backbone(images)
    for own, level in zip(pyramid.values(), expected):
        if 'swin' in model_name:
            level = level.permute(0, 3, 1, 2)
        torch.testing.assert_close(own, level)


def test_plain_transformer_resizes_the_image_to_its_patches():
    backbone = TIMMBackbone('vit_small_patch14_dinov2', model_args=dict(depth=2)).eval()
    images = torch.randn(1, 3, 48, 80)
    seen = []
    backbone.model.patch_embed.register_forward_pre_hook(lambda module, inputs: seen.append(inputs[0].shape[-2:]))
    backbone(images)
    assert seen == [(42, 70)]


def test_plain_transformer_gives_the_normalised_tokens_of_its_last_block(tmp_path):
    reference = timm.create_model('vit_tiny_patch16_224', dynamic_img_size=True).eval()
    init_cfg = pretrained(tmp_path / 'weights.pth', reference.state_dict())
    backbone = TIMMBackbone('vit_tiny_patch16_224', init_cfg=init_cfg).eval()
    backbone.init_weights()
    images = torch.randn(1, 3, 48, 80)
    with torch.no_grad():
        tokens = reference.forward_features(images)[:, 1:]  # without the class token
        expected = backbone.pyramid(tokens.transpose(1, 2).unflatten(2, (3, 5)))
        pyramid = backbone(images)
    for stride, level in pyramid.items():
        torch.testing.assert_close(level, expected[stride])


def test_out_indices_name_levels():
    backbone = TIMMBackbone('resnet18', out_indices=(1, 2))
    assert backbone.channels == {4: 64, 8: 128}
    assert 'layer3.0.conv1.weight' not in backbone.model.state_dict()
    assert len(TIMMBackbone('vit_tiny_patch16_224', out_indices=(2,)).model.blocks) == 3
    for model_name, out_indices in [('resnet18', (1, 9)), ('vit_tiny_patch16_224', (2, 5))]:
        with pytest.raises(ValueError, match=f'{model_name}.* out of 0 to '):
            TIMMBackbone(model_name, out_indices=out_indices)


def test_absent_stride_and_unknown_model_say_what_there_is():
    with pytest.raises(ValueError, match=r'convnext_tiny has no level of stride 2, only \[4, 8, 16, 32\]'):
        TIMMBackbone('convnext_tiny', strides=(2, 4))
    with pytest.raises(ValueError, match='did you mean .*resnet50'):
        TIMMBackbone('resnet5O')


def test_wrong_size_is_refused():
    with pytest.raises(ValueError, match='multiples of 16, not 40x64'):
        TIMMBackbone('resnet18')(torch.zeros(1, 3, 40, 64))


def test_a_model_whose_maps_are_not_of_their_strides_is_refused():
    """It has convolutions without padding."""
    backbone = TIMMBackbone('inception_v3', strides=(4, ))
    with pytest.raises(ValueError, match=r'map of inception_v3 at stride 4 is \(12, 20\) for an image of 64x96'):
        backbone(torch.zeros(1, 3, 64, 96))


@pytest.mark.parametrize('frozen', [False, True])
@pytest.mark.parametrize('convert', [convert_sync_batchnorm, nn.SyncBatchNorm.convert_sync_batchnorm])
def test_synchronised_norms_keep_their_activations(convert, frozen):
    backbone = TIMMBackbone('tf_efficientnet_lite0', strides=(4, ), frozen=frozen).eval()
    images = torch.randn(1, 3, 32, 32)
    expected = backbone(images)[4]
    backbone = convert(backbone).train()
    assert isinstance(backbone.model.bn1, nn.SyncBatchNorm)
    torch.testing.assert_close(backbone(images)[4], expected)


def test_norm_eval_freezes_statistics_and_trains_the_affine_weights():
    backbone = TIMMBackbone('resnet18')
    before = {name: buffer.clone() for name, buffer in backbone.named_buffers()}
    for _ in range(2):  # as built, and after an explicit train()
        backbone(torch.randn(2, 3, 32, 32))[16].sum().backward()
        assert all(torch.equal(before[name], buffer) for name, buffer in backbone.named_buffers())
        backbone.train()
    assert backbone.model.layer1.training and not backbone.model.bn1.training
    assert backbone.model.bn1.weight.grad.abs().sum() > 0

    trained = TIMMBackbone('resnet18', norm_eval=False)
    trained(torch.randn(2, 3, 32, 32))
    assert not torch.equal(trained.model.bn1.running_mean, before['model.bn1.running_mean'])


def test_frozen_backbone_stays_as_it_is_but_its_pyramid_learns():
    backbone = TIMMBackbone('vit_tiny_patch16_224', frozen=True, model_args=dict(depth=2, drop_path_rate=0.5))
    backbone.train()
    assert not any(module.training for module in backbone.model.modules())
    assert not any(parameter.requires_grad for parameter in backbone.model.parameters())
    backbone(torch.randn(1, 3, 32, 32))[4].sum().backward()
    assert backbone.pyramid.levels[0][0].weight.grad is not None


@pytest.mark.parametrize(('model_name', 'first_conv'), [
    ('resnet18', 'conv1'), ('tf_efficientnet_lite0', 'conv_stem'), ('vit_tiny_patch16_224', 'patch_embed.proj')])
def test_extra_channels_keep_the_rgb_filters(model_name, first_conv, tmp_path):
    whole = timm.create_model(model_name)
    init_cfg = pretrained(tmp_path / 'weights.pth', whole.state_dict())
    rgb = TIMMBackbone(model_name, init_cfg=init_cfg).eval()
    wide = TIMMBackbone(model_name, in_channels=5, init_cfg=init_cfg).eval()
    rgb.init_weights()
    wide.init_weights()

    filters = wide.model.get_submodule(first_conv).weight.detach()
    assert torch.equal(filters[:, :3], whole.get_submodule(first_conv).weight)
    extra = filters[:, 3:].flatten(1)
    gram = extra @ extra.T if extra.shape[0] <= extra.shape[1] else extra.T @ extra
    torch.testing.assert_close(gram, torch.eye(len(gram)), atol=1e-5, rtol=0)

    images = torch.randn(1, 3, 32, 48)
    masked = torch.cat([images, torch.zeros(1, 2, 32, 48)], dim=1)
    with torch.no_grad():
        torch.testing.assert_close(wide._maps(masked), rgb._maps(images))


def test_fifth_channel_joins_four():
    narrow = TIMMBackbone('resnet18', in_channels=4)
    wide = TIMMBackbone('resnet18', in_channels=5)
    load_backbone_weights(wide.model, narrow.model.state_dict(), 'single-object network', ['conv1'])
    assert torch.equal(wide.model.conv1.weight[:, :4], narrow.model.conv1.weight)


def test_weights_arrive_when_the_backbone_is_inside_a_model(tmp_path):
    weights = timm.create_model('resnet18').state_dict()

    class Encoder(BaseModule):

        def __init__(self):
            super().__init__(init_cfg=dict(type='Kaiming', layer='Conv2d'))
            self.backbone = MODELS.build(dict(
                type='TIMMBackbone', model_name='resnet18',
                init_cfg=pretrained(tmp_path / 'weights.pth', weights)))

    encoder = Encoder()
    encoder.init_weights()
    for name, tensor in encoder.backbone.model.state_dict().items():
        assert torch.equal(tensor, weights[name]), name


def test_missing_and_misshapen_entries_are_named(tmp_path):
    weights = timm.create_model('resnet18').state_dict()
    for name in [name for name in weights if name.endswith('num_batches_tracked') or name.startswith('layer4')]:
        del weights[name]  # nobody needs these
    TIMMBackbone('resnet18', init_cfg=pretrained(tmp_path / 'enough.pth', weights)).init_weights()

    del weights['layer3.1.bn2.weight']
    backbone = TIMMBackbone('resnet18', init_cfg=pretrained(tmp_path / 'missing.pth', weights))
    before = backbone.model.conv1.weight.clone()
    with pytest.raises(ValueError, match=r'missing\.pth: 1 of the \d+ entries .* missing \(layer3\.1\.bn2\.weight\)'):
        backbone.init_weights()
    assert torch.equal(backbone.model.conv1.weight, before)

    weights['layer3.1.bn2.weight'] = torch.ones(128)
    backbone = TIMMBackbone('resnet18', init_cfg=pretrained(tmp_path / 'narrow.pth', weights))
    with pytest.raises(ValueError, match=r'layer3\.1\.bn2\.weight is \(128,\), wanted \(256,\)'):
        backbone.init_weights()


def test_only_pretrained_init_cfg():
    with pytest.raises(ValueError, match='Kaiming'):
        TIMMBackbone('resnet18', init_cfg=dict(type='Kaiming', layer='Conv2d'))
    with pytest.raises(ValueError, match='model_args hold checkpoint_path, pretrained; weights are given by init_cfg'):
        TIMMBackbone('resnet18', model_args=dict(checkpoint_path='resnet18.pth', pretrained=True, drop_rate=0.1))
    with pytest.raises(ValueError, match='not both'):
        TIMMBackbone('resnet18', pretrained=True, init_cfg=dict(type='Pretrained', checkpoint='a.pth'))
