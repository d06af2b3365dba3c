"""Activation checkpointing saves memory and changes no gradient."""
import torch
from golden import REPOSITORY
from mmengine.config import Config
from small_xmem import moving_squares
from torch.autograd.graph import saved_tensors_hooks

from vosreg.registry import MODELS


def loss_and_model(checkpointing: bool):
    torch.manual_seed(0)
    config = Config.fromfile(REPOSITORY / 'configs/_base_/models/stcn_resnet50.py').model
    for encoder in (config.key_encoder, config.value_encoder):
        # Blocks begin as if they were not there, and so without gradients inside, unless told otherwise.
        encoder.backbone.update(
            model_name='test_resnet', pretrained=False, model_args=dict(zero_init_last=False),
            activation_checkpointing=checkpointing)
    config.head.channels = (16, 16, 16)
    config.value_encoder.value_channels = 16
    model = MODELS.build(config).train()
    batch = model.data_preprocessor(moving_squares(num_frames=3, width=48), training=True)
    return sum(model(**batch, mode='loss').values()), model


def step(checkpointing: bool):
    """Gradients by name, and the bytes that the forward pass keeps for them."""
    kept = {}

    def keep(tensor):
        kept[tensor.untyped_storage().data_ptr()] = tensor.untyped_storage().nbytes()
        return tensor

    with saved_tensors_hooks(keep, lambda tensor: tensor):
        loss, model = loss_and_model(checkpointing)
    loss.backward()
    return {name: weight.grad for name, weight in model.named_parameters()}, sum(kept.values())


def test_the_same_gradients_from_less_memory():
    expected, kept = step(checkpointing=False)
    gradients, kept_with_checkpointing = step(checkpointing=True)
    for encoder in ('key_encoder', 'value_encoder'):
        assert gradients[f'{encoder}.backbone.model.layer1.0.conv1.weight'].any()
    for name, gradient in gradients.items():
        torch.testing.assert_close(gradient, expected[name], rtol=1e-6, atol=1e-6, msg=name)
    assert kept_with_checkpointing < 0.9 * kept
