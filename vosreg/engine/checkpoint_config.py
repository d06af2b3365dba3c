"""The config that a checkpoint carries, read as data.

MMEngine keeps the config of a training in its checkpoints, as Python text. Running it would run any code that the
maker of a checkpoint wrote there, so it is parsed instead.
"""
import ast
import os
from typing import Any, Iterator

from mmengine.config import ConfigDict

from .checkpoints import TRUST_VARIABLE, CheckpointError


def model_config(checkpoint: dict, source: str) -> ConfigDict:
    """The config of the model that a checkpoint is of, without what is for training only.

    Args:
        checkpoint: A checkpoint of MMEngine, with its config in ``meta``.
        source: Where it comes from, for the messages.

    Raises:
        CheckpointError: There is no config, or it is more than dicts, lists, numbers and strings, or it names parts by
            their modules, through which anything could be called.
    """
    text = checkpoint.get('meta', {}).get('cfg')
    if not isinstance(text, str):
        raise CheckpointError(f'the checkpoint {source} does not hold the config that it was trained with; give the '
                              'config too')
    try:
        assignments = {node.targets[0].id: node.value for node in ast.parse(text).body
                       if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)}
        config = ConfigDict(ast.literal_eval(_PlainDicts().visit(assignments['model'])))
    except (KeyError, SyntaxError, ValueError) as error:
        raise CheckpointError(f'the config in the checkpoint {source} cannot be read without running it '
                              f'({type(error).__name__}: {error}); give the config as a file') from error
    drop_training_parts(config)
    foreign = sorted({name for name in _types(config) if not isinstance(name, str) or '.' in name})
    if foreign and os.environ.get(TRUST_VARIABLE) != '1':
        raise CheckpointError(f'the config in the checkpoint {source} names {", ".join(map(str, foreign))} of other '
                              'packages, which could do anything when built; give a config file of yours, or pass '
                              f'--trust-checkpoint (or set {TRUST_VARIABLE}=1) if you trust its source')
    return config


def drop_training_parts(model: dict) -> None:
    """Remove from a model's config the losses, which may be of packages that are not installed here."""
    for name in ('correspondence', 'losses'):
        model.pop(name, None)


class _PlainDicts(ast.NodeTransformer):
    """``dict(a=1)`` becomes ``{'a': 1}``, which is a literal."""

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        if not (isinstance(node.func, ast.Name) and node.func.id == 'dict' and not node.args):
            return node
        keys = [None if keyword.arg is None else ast.Constant(keyword.arg) for keyword in node.keywords]
        return ast.Dict(keys, [keyword.value for keyword in node.keywords])


def _types(config: Any) -> Iterator[Any]:
    if isinstance(config, dict):
        if 'type' in config:
            yield config['type']
        config = config.values()
    if not isinstance(config, str) and hasattr(config, '__iter__'):
        for part in config:
            yield from _types(part)
