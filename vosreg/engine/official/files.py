"""Reading and writing official checkpoints and ours."""
from pathlib import Path
from typing import Callable, Dict, Union

import torch
from mmengine.config import Config
from mmengine.registry import init_default_scope
from torch import Tensor

from vosreg.fileio import atomic_path
from vosreg.packaged import packaged_path
from vosreg.registry import MODELS

from ..checkpoints import CheckpointError, load_from_local, load_weights

Weights = Dict[str, Tensor]


def read_official(path: Union[str, Path]) -> Weights:
    """The state dict of an official checkpoint, with or without what training adds to it.

    Raises:
        FileNotFoundError: There is no such file.
        CheckpointError: The file is damaged or no official checkpoint.
    """
    return {name.removeprefix('module.'): tensor for name, tensor in _read_weights(path, 'network').items()}


def read_own(path: Union[str, Path]) -> Weights:
    """The state dict of a checkpoint of ours in float32, without what only correspondence losses need.

    Raises:
        FileNotFoundError: There is no such file.
        CheckpointError: The file is damaged or no checkpoint of ours.
    """
    return {name: tensor.float() if tensor.is_floating_point() else tensor
            for name, tensor in _read_weights(path, 'state_dict').items() if not name.startswith('correspondence.')}


def _read_weights(path: Union[str, Path], entry: str) -> Weights:
    """The weights that a checkpoint holds in one of its entries, or that it is."""
    checkpoint = load_from_local(str(path), map_location='cpu')
    weights = checkpoint.get(entry, checkpoint)
    if not isinstance(weights, dict) or not all(isinstance(weight, Tensor) for weight in weights.values()):
        raise CheckpointError(f'the checkpoint {path} holds no weights by name, neither as a whole nor as {entry!r}, '
                              f'but {", ".join(map(str, list(checkpoint)[:3]))}')
    return weights


def convert(conversion: Callable[[Weights], Weights], state_dict: Weights, source: str) -> Weights:
    """Convert the entries of a checkpoint, and name it where they are those of another network.

    Args:
        conversion: ``to_vosreg`` or ``from_vosreg`` of a network.
        state_dict: The entries.
        source: Where they come from, for the error.

    Raises:
        CheckpointError: The network has no such entry, or needs another one.
    """
    try:
        return conversion(state_dict)
    except KeyError as error:
        raise CheckpointError(f'cannot convert the checkpoint {source}: it has no entry {error}') from error
    except ValueError as error:
        raise CheckpointError(f'cannot convert the checkpoint {source}: {error}') from error


def check_fits(state_dict: Weights, model: str, source: str) -> None:
    """Make sure that entries of ours are those of an official network.

    Args:
        state_dict: The entries.
        model: Config of the network in ``configs/_base_/models``.
        source: Where the entries come from, for the error.

    Raises:
        CheckpointError: An entry is missing or has another shape.
    """
    init_default_scope('vosreg')
    config = Config.fromfile(packaged_path('configs') / '_base_' / 'models' / model)
    load_weights(MODELS.build(config.model), state_dict, source)


def write_converted(state_dict: Weights, target: str, model: str, meta: dict) -> None:
    """Write a converted checkpoint, if the entries are those of an official network.

    The projection of a correspondence loss is there after official training only, and no model for inference needs it.

    Args:
        state_dict: The converted entries.
        target: The file to write.
        model: See :func:`check_fits`.
        meta: Where the checkpoint comes from; saved with it.

    Raises:
        CheckpointError: See :func:`check_fits`.
    """
    check_fits({name: tensor for name, tensor in state_dict.items() if not name.startswith('correspondence.')}, model,
               meta['source'])
    with atomic_path(target) as temporary:
        torch.save({'state_dict': state_dict, 'meta': meta}, temporary)
    single_object = state_dict['value_encoder.backbone.model.conv1.weight'].shape[1] == 4
    print(f'wrote {target}: {len(state_dict)} entries'
          + (' of a single-object network (static-image stage)' if single_object else ''))


def write_official(official: Weights, target: str) -> None:
    """Write a state dict as the official code reads it: the entries and nothing else."""
    with atomic_path(target) as temporary:
        torch.save(official, temporary)
    print(f'wrote {target}: {len(official)} entries')
