"""The model of the config that a checkpoint carries."""
import os
from typing import Any, Iterator

from mmengine.config import Config, ConfigDict
from mmengine.registry import WEIGHT_INITIALIZERS
from mmengine.utils import import_modules_from_strings

from vosreg.registry import MEMORY_BANKS, MODELS, SCOPE

from .checkpoints import TRUST_VARIABLE, CheckpointError
from .config import embedded_config


def model_config(checkpoint: dict, source: str) -> ConfigDict:
    """The config of the model that a checkpoint is of, without what is for training only.

    Where it names parts of its own, and the user trusts it, the modules of its ``custom_imports`` are imported.

    Args:
        checkpoint: A checkpoint of MMEngine, with its config in ``meta``.
        source: Where it comes from, for the messages.

    Raises:
        CheckpointError: There is no config that can be read, see :func:`embedded_config`, or none of a model, or it
            names parts that are not registered: MMEngine would import modules by their names, and call what they hold.
    """
    config = embedded_config(checkpoint, source)
    if not isinstance(config.get('model'), dict):
        raise CheckpointError(f'the config in the checkpoint {source} has no model; give the config as a file')
    drop_training_parts(config.model)
    MODELS.import_from_location()
    foreign = sorted(set(_foreign_parts(config.model)))
    if foreign and os.environ.get(TRUST_VARIABLE) != '1':
        raise CheckpointError(f'the config in the checkpoint {source} names {", ".join(foreign)}, not registered as a '
                              'part of vosreg or MMEngine, which could do anything when built; give a config file of '
                              f'yours, or pass --trust-checkpoint (or set {TRUST_VARIABLE}=1) if you trust its source')
    if foreign:
        _import_parts(config, source)
    return config.model


def _import_parts(config: Config, source: str) -> None:
    """Do the ``custom_imports`` of a trusted config, which register parts of its own."""
    try:
        import_modules_from_strings(**config.get('custom_imports') or dict(imports=[]))
    except ImportError as error:
        raise CheckpointError(f'the config in the checkpoint {source} has parts of its own: {error} '
                              f'({error.__context__}); install it, or add its folder to PYTHONPATH') from error
    # What stands before a dot MMEngine imports itself.
    unknown = sorted({name for name in _foreign_parts(config.model) if name.isidentifier()})
    if unknown:
        raise CheckpointError(f'the config in the checkpoint {source} names {", ".join(unknown)}, which nothing here '
                              'registers; give a config whose custom_imports names the module that does')


def drop_training_parts(model: dict) -> None:
    """Remove from a model's config the losses and their second view, which may be of packages not installed here."""
    for name in ('correspondence', 'losses', 'second_view'):
        model.pop(name, None)


def _foreign_parts(config: Any) -> Iterator[str]:
    """What a config names besides registered parts; a scope is the name of a package, which MMEngine would import."""
    if isinstance(config, dict):
        if 'type' in config and not _is_registered(config['type']):
            yield str(config['type'])
        if config.get('_scope_', SCOPE) != SCOPE:
            yield f'the scope {config["_scope_"]}'
        config = config.values()
    if not isinstance(config, str) and hasattr(config, '__iter__'):
        for part in config:
            yield from _foreign_parts(part)


def _is_registered(name: Any) -> bool:
    """Whether a part has this name; vosreg's own may have their scope before it."""
    if not isinstance(name, str):
        return False
    own_name = name.removeprefix(f'{SCOPE}.')
    return (any(own_name in registry.module_dict for registry in (MODELS, MEMORY_BANKS))
            or any(name in registry.module_dict for registry in (MODELS.parent, WEIGHT_INITIALIZERS)))
