"""The model of the config that a checkpoint carries."""
import os
from typing import Any, Iterator

from mmengine.config import ConfigDict

from .checkpoints import TRUST_VARIABLE, CheckpointError
from .config import embedded_config


def model_config(checkpoint: dict, source: str) -> ConfigDict:
    """The config of the model that a checkpoint is of, without what is for training only.

    Args:
        checkpoint: A checkpoint of MMEngine, with its config in ``meta``.
        source: Where it comes from, for the messages.

    Raises:
        CheckpointError: There is no config that can be read, see :func:`embedded_config`, or none of a model, or it
            names parts by their modules, through which any function could be called.
    """
    config = embedded_config(checkpoint, source)
    if 'model' not in config:
        raise CheckpointError(f'the config in the checkpoint {source} has no model; give the config as a file')
    drop_training_parts(config.model)
    foreign = sorted({name for name in _types(config.model) if '.' in name})
    if foreign and os.environ.get(TRUST_VARIABLE) != '1':
        raise CheckpointError(f'the config in the checkpoint {source} names {", ".join(foreign)} of other packages, '
                              'which could do anything when built; give a config file of yours, or pass '
                              f'--trust-checkpoint (or set {TRUST_VARIABLE}=1) if you trust its source')
    return config.model


def drop_training_parts(model: dict) -> None:
    """Remove from a model's config the losses, which may be of packages that are not installed here."""
    for name in ('correspondence', 'losses'):
        model.pop(name, None)


def _types(config: Any) -> Iterator[str]:
    if isinstance(config, dict):
        if 'type' in config:
            yield str(config['type'])
        config = config.values()
    if not isinstance(config, str) and hasattr(config, '__iter__'):
        for part in config:
            yield from _types(part)
