"""From what a user types to a config."""
import ast
import difflib
import sys
from pathlib import Path
from typing import Optional, Union

from mmengine.config import Config
from yaml import YAMLError

from vosreg.packaged import packaged_path
from vosreg.registry import SCOPE

from .checkpoints import CheckpointError

CONFIG_SUFFIXES = ('.py', '.yml', '.yaml', '.json')  # What MMEngine reads.


class ConfigError(ValueError):
    """A config cannot be read, or lacks what a command needs."""


def find_config(name: Union[str, Path]) -> Path:
    """Find a config: a file, or else one that comes with vosreg, by its path inside ``configs/``.

    Args:
        name: For example ``my_config.py`` or ``stcn/stcn_r50.py``; ``vosreg::`` may stand before the latter.

    Raises:
        FileNotFoundError: There is neither, and the message names the near ones; or the file is no config.
    """
    path = Path(name)
    if path.is_file():
        if path.suffix not in CONFIG_SUFFIXES:
            raise FileNotFoundError(f'{path} is not a config; a config is a Python file, NAME.py')
        return path
    configs = packaged_path('configs')
    relative = str(name).removeprefix('vosreg::').removeprefix('configs/')
    if (configs / relative).is_file():
        return configs / relative
    known = sorted(str(file.relative_to(configs)) for file in configs.rglob('*.py') if '_base_' not in file.parts)
    near = difflib.get_close_matches(relative, known, n=3, cutoff=0.3) or known
    raise FileNotFoundError(f'no such config: {name}; those that come with vosreg are for example '
                            f'{", ".join(near[:5]) or "none"}')


def load_config(name: Union[str, Path], options: Optional[dict] = None, work_dir: Optional[str] = None) -> Config:
    """Load a config and settle its work dir and, where it is silent, that names are those of vosreg's parts.

    Args:
        name: See :func:`find_config`.
        options: What ``--cfg-options`` gave: dotted keys and their new values.
        work_dir: Where to write; by default the config's own, or ``./work_dirs/CONFIGNAME``.

    Raises:
        FileNotFoundError: There is no such config.
        ConfigError: It is a broken JSON or YAML file.
    """
    path = find_config(name)
    # custom_imports finds modules that lie beside the config.
    sys.path.append(str(path.resolve().parent))
    try:
        config = Config.fromfile(path)
    except (ValueError, YAMLError) as error:
        raise ConfigError(f'the config {path} cannot be read: {error}') from error
    config.merge_from_dict(options or {})
    config.default_scope = config.get('default_scope') or SCOPE
    config.work_dir = work_dir or config.get('work_dir') or str(Path('work_dirs') / path.stem)
    return config


def require(config: Config, *keys: str) -> None:
    """Make sure that a config has what a command needs.

    Raises:
        ConfigError: It lacks one of ``keys``, or has None there.
    """
    missing = [key for key in keys if config.get(key) is None]
    if missing:
        raise ConfigError(f'{config.filename} has no {", ".join(missing)}; choose a config that has')


def embedded_config(checkpoint: dict, source: Union[str, Path]) -> Config:
    """The config that a checkpoint was trained with, as MMEngine saves it there.

    It is text, which MMEngine would run as code. Here it is read: assignments of numbers, strings and containers.

    Args:
        checkpoint: The loaded checkpoint.
        source: Where it comes from, for the message.

    Raises:
        CheckpointError: The checkpoint has none, or one that is more than assignments of plain data.
    """
    text = checkpoint.get('meta', {}).get('cfg')
    if not isinstance(text, str):
        raise CheckpointError(
            f'the checkpoint {source} does not hold the config that it was trained with; give the config too')
    try:
        return Config({assignment.targets[0].id: _plain(assignment.value) for assignment in ast.parse(text).body})
    except (AttributeError, KeyError, SyntaxError, TypeError, ValueError) as error:
        raise CheckpointError(f'the config in the checkpoint {source} cannot be read without running it '
                              f'({type(error).__name__}: {error}); give the config as a file') from error


def _plain(node: ast.expr) -> object:
    """What an expression says, if that is plain data."""
    if isinstance(node, ast.Call) and getattr(node.func, 'id', '') == 'dict':
        # MMEngine writes dict({'a.b': 1}) where a key is no name.
        parts = [*map(_plain, node.args), {keyword.arg: _plain(keyword.value) for keyword in node.keywords}]
        return {key: value for part in parts for key, value in part.items()}
    if isinstance(node, ast.Dict):
        return {ast.literal_eval(key): _plain(value) for key, value in zip(node.keys, node.values)}
    if isinstance(node, (ast.List, ast.Tuple)):
        return (list if isinstance(node, ast.List) else tuple)(_plain(item) for item in node.elts)
    return ast.literal_eval(node)
