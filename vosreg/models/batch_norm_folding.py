"""Batch norms vanish into the convolutions before them."""
import copy

from timm.layers import BatchNormAct2d
from timm.models.efficientnet import EfficientNet
from timm.models.resnet import ResNet
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_weights

# In the blocks of these networks a batch norm follows the convolution that is registered right before it.
FOLDED_NETWORKS = (ResNet, EfficientNet)


def fold_batch_norms(module: nn.Module, in_folded_network: bool = False) -> nn.Module:
    """Make a twin for inference that computes the same up to rounding, without a pass over each map for its batch norm.

    It shares all weights with the module but those of the folded convolutions, which stay as they are now; the module
    itself does not change. Batch norms in training mode are left alone, and so are those of other networks than timm's
    ResNets and EfficientNets.

    Args:
        module: Any module.
        in_folded_network: Whether it is a part of such a network.

    Returns:
        The twin, or the module itself if there is nothing to fold in it.
    """
    in_folded_network = in_folded_network or isinstance(module, FOLDED_NETWORKS)
    children, previous = dict(module._modules), ''
    for name, child in module.named_children():
        if in_folded_network and _follows(child, children.get(previous)):
            children[previous] = _fold(children[previous], child)
            children[name] = child.act if isinstance(child, BatchNormAct2d) else nn.Identity()
        else:
            children[name] = fold_batch_norms(child, in_folded_network)
        previous = name
    return module if children == module._modules else _replace(module, '_modules', children)


def _follows(norm: nn.Module, conv: nn.Module) -> bool:
    """Whether it is a batch norm that can be folded into a convolution."""
    return type(norm) in (nn.BatchNorm2d, BatchNormAct2d) and not norm.training and isinstance(conv, nn.Conv2d)


def _fold(conv: nn.Conv2d, norm: nn.BatchNorm2d) -> nn.Conv2d:
    weight, bias = fuse_conv_bn_weights(
        conv.weight, conv.bias, norm.running_mean, norm.running_var, norm.eps, norm.weight, norm.bias)
    return _replace(conv, '_parameters', dict(conv._parameters, weight=weight, bias=bias))


def _replace(module: nn.Module, name: str, value: dict) -> nn.Module:
    """A copy of a module with another dict of parameters or of children; everything else is shared."""
    twin = copy.copy(module)
    twin.__dict__[name] = value
    return twin
