"""Checkpoints are pickles, and a pickle can run code: only plain data is loaded.

Importing this module makes MMEngine load local files, URLs and models of the zoo (``zoo://NAME``) through it, also
where a config's ``load_from``, ``init_cfg`` or ``--resume`` names them. MMEngine's own loader falls back to running the
code.
"""
import os
import re
import zipfile
from pathlib import Path
from typing import Optional

import numpy as np
import torch
from mmengine.logging import print_log
from mmengine.runner import CheckpointLoader
from mmengine.runner.checkpoint import get_torch_safe_globals
from torch import nn

from vosreg.downloads import fetch
from vosreg.zoo import ZOO_PREFIX, find_model

TRUST_VARIABLE = 'VOSREG_TRUST_CHECKPOINT'


class CheckpointError(ValueError):
    """A file is not a checkpoint, is damaged, holds code, or does not fit the model."""


@CheckpointLoader.register_scheme(prefixes='', force=True)
def load_from_local(filename: str, map_location=None) -> dict:
    """Load a checkpoint file without running code from it.

    Tensors, numbers, strings, containers, NumPy arrays and MMEngine's log buffers are loaded. Code is loaded only when
    the environment variable ``VOSREG_TRUST_CHECKPOINT`` is 1, as ``--trust-checkpoint`` of the tools sets it.

    Args:
        filename: Path of the file.
        map_location: See :func:`torch.load`.

    Returns:
        The checkpoint.

    Raises:
        FileNotFoundError: There is no such file.
        CheckpointError: The file is not a checkpoint, is truncated, or holds code.
    """
    path = Path(filename).expanduser()
    _check_format(path)
    trusted = os.environ.get(TRUST_VARIABLE) == '1'
    try:
        with torch.serialization.safe_globals(get_torch_safe_globals() + _numpy_dtypes()):
            checkpoint = torch.load(path, map_location=map_location, weights_only=not trusted)
    except Exception as error:  # torch.load answers damage with many kinds of errors.
        code = re.search(r'GLOBAL ([\w.]+)|but got <class \'([\w.]+)\'>', str(error))
        if code and not trusted:
            raise CheckpointError(f'the checkpoint {path} holds code ({code[1] or code[2]}), which could do anything '
                                  'when loaded; pass --trust-checkpoint (or set '
                                  f'{TRUST_VARIABLE}=1) if you trust its source') from error
        raise CheckpointError(f'cannot read the checkpoint {path}: it is truncated or not a checkpoint that torch.save '
                              f'wrote ({type(error).__name__}); copy or download it again') from error
    if not isinstance(checkpoint, dict):
        raise CheckpointError(f'the checkpoint {path} holds a {type(checkpoint).__name__} instead of a dict of weights')
    return checkpoint


@CheckpointLoader.register_scheme(prefixes=('http://', 'https://'), force=True)
def load_from_http(filename: str, map_location=None) -> dict:
    """Download a checkpoint, once, and load it as :func:`load_from_local` does."""
    return load_from_local(str(fetch(filename)), map_location)


@CheckpointLoader.register_scheme(prefixes=ZOO_PREFIX)
def load_from_zoo(filename: str, map_location=None) -> dict:
    """Load the weights of a model of the zoo, ``zoo://NAME``, as :func:`load_from_local` does.

    Raises:
        ValueError: The zoo has no such model, or no weights of it; see :mod:`vosreg.zoo`.
    """
    return load_from_local(str(find_model(filename).checkpoint()), map_location)


def check_file(filename: str) -> None:
    """Refuse what is at a glance no checkpoint, before time is spent on what it is for. URLs and zoo names pass.

    Args:
        filename: What names a checkpoint.

    Raises:
        FileNotFoundError: There is no such file.
        CheckpointError: The file is empty, truncated or something else.
    """
    if '://' not in filename:
        _check_format(Path(filename).expanduser())


def latest_checkpoint(work_dir: str) -> Optional[str]:
    """The checkpoint ``iter_N.pth`` of a work dir with the most iterations, or else the last ``epoch_N.pth``.

    MMEngine's note of it, ``last_checkpoint``, is empty if the run was killed while it was written.

    Returns:
        Its path, None if there is none.
    """
    checkpoints = {(name[1] == 'iter', int(name[2])): path for path in Path(work_dir).glob('*.pth')
                   if (name := re.fullmatch(r'(iter|epoch)_(\d+)\.pth', path.name))}
    return str(checkpoints[max(checkpoints)]) if checkpoints else None


def allow_code(trusted: bool) -> None:
    """Decide, for the whole process and every way of loading, whether checkpoints may hold code.

    Args:
        trusted: The user trusts them; the environment variable ``VOSREG_TRUST_CHECKPOINT`` says so too.
    """
    if trusted:
        os.environ[TRUST_VARIABLE] = '1'
    elif os.environ.get(TRUST_VARIABLE) != '1':
        # PyTorch obeys this wherever torch.load is called, so in MMEngine's other schemes, such as torchvision://.
        os.environ['TORCH_FORCE_WEIGHTS_ONLY_LOAD'] = '1'


def load_weights(model: nn.Module, checkpoint: dict, source: str) -> None:
    """Load weights into a model and insist that each one of the model is there.

    Args:
        model: The model.
        checkpoint: Weights by name, or a dict that holds them as ``state_dict``.
        source: Where the checkpoint comes from, for the messages.

    Raises:
        CheckpointError: A weight of the model is missing in the checkpoint or has another shape there; the message
            names the first ones, and the config that the checkpoint was trained with where it tells.
    """
    weights = checkpoint.get('state_dict', checkpoint)
    weights = {name.removeprefix('module.'): weight for name, weight in weights.items()}
    try:
        missing, unexpected = model.load_state_dict(weights, strict=False)
    except RuntimeError as error:
        mismatches = [line.strip() for line in str(error).splitlines()[1:]]
        raise _mismatch(source, checkpoint, mismatches) from error
    if missing:
        raise _mismatch(source, checkpoint, [f'missing {name}' for name in missing])
    if unexpected:
        print_log(f'{source} holds {len(unexpected)} weights that the model does not have: {_first(unexpected)}',
                  logger='current')


def _mismatch(source: str, checkpoint: dict, problems: list) -> CheckpointError:
    config = _trained_config(checkpoint)
    trained = f'; it was trained with {config}' if config else ''
    return CheckpointError(f'the checkpoint {source} does not fit the model ({len(problems)} weights): '
                           f'{_first(problems)}{trained}. Use the config that it was trained with')


def _first(items: list, count: int = 3) -> str:
    return ', '.join(items[:count]) + (', ...' if len(items) > count else '')


def _trained_config(checkpoint: dict) -> Optional[str]:
    # MMEngine writes the experiment's name as CONFIG_DATE_TIME.
    experiment = checkpoint.get('meta', {}).get('experiment_name', '')
    return re.sub(r'_\d{8}_\d{6}$', '', experiment) or None


def _check_format(path: Path) -> None:
    if not path.is_file():
        raise FileNotFoundError(f'no such checkpoint: {path}')
    with path.open('rb') as file:
        start = file.read(4)
    if not start:
        raise CheckpointError(f'the checkpoint {path} is empty; copy or download it again')
    if start == b'PK\x03\x04':
        if not zipfile.is_zipfile(path):
            raise CheckpointError(f'the checkpoint {path} is truncated; copy or download it again')
    elif start[:1] != b'\x80':  # The first byte of a pickle, the format of torch.save before 1.6.
        raise CheckpointError(f'{path} is not a checkpoint; a checkpoint is a .pth file written by torch.save')


def _numpy_dtypes() -> list:
    return [value for value in vars(np.dtypes).values() if isinstance(value, type) and issubclass(value, np.dtype)]
