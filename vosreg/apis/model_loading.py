"""From what a user names to a model that is ready."""
from pathlib import Path
from typing import Optional, Union

import torch
from torch import nn

from vosreg import zoo
from vosreg.engine import build_for_inference, default_device, load_config
from vosreg.models.segmentors import MatchingVOS
from vosreg.models.segmentors.augmented_stream import TestView

PathLike = Union[str, Path]
CHECKPOINT_SUFFIXES = ('.pth', '.pt')


def load_model(model: Union[PathLike, nn.Module, None] = None,
               weights: Optional[PathLike] = None,
               device: Optional[str] = None) -> MatchingVOS:
    """Build a model with its weights.

    Args:
        model: Its name in the zoo; a config, by its file or its path inside ``configs/``; a checkpoint that carries its
            config; or a model as it is. By default the checkpoint in ``weights``, or the model that comes with vosreg.
        weights: Its checkpoint: a file, a URL or ``zoo://NAME``. A model of the zoo has its own.
        device: Where it runs, such as ``cpu`` or ``cuda:1``; by default a CUDA GPU if there is one, else
            ``cpu``.

    Returns:
        The model in evaluation mode on that device.

    Raises:
        FileNotFoundError: There is no such config or checkpoint.
        CheckpointError: The checkpoint is damaged, holds code, does not fit the model, or has no config.
        ValueError: The zoo has no such model, a config comes without weights, the device does not exist, or the model
            is none that matches pixels, or sees videos in other views.
    """
    device = _check_device(device or default_device())
    if not isinstance(model, nn.Module):
        config, checkpoint = _resolve(model, weights)
        model = build_for_inference(config and load_config(config), checkpoint)
    if not isinstance(model, MatchingVOS):
        raise ValueError(f'a {type(model).__name__} does not match pixels and cannot run on a stream of frames; choose '
                         'a MatchingVOS')
    if model.test_views != [TestView()]:
        raise ValueError(f'the config of the model asks for test_cfg.views ({len(model.test_views)} of them), which '
                         'only tools/test.py averages; leave them out of the config to run on a stream of frames')
    return model.to(device).eval()


def _resolve(model: Optional[PathLike], weights: Optional[PathLike]) -> tuple:
    """The config, None if it is in the checkpoint, and the checkpoint."""
    if model is None:
        if weights is not None:
            return None, weights
        model = zoo.DEFAULT_MODEL
    suffix = Path(model).suffix
    if suffix in CHECKPOINT_SUFFIXES:
        if weights is not None:
            raise ValueError(f'two checkpoints are given, {model} and {weights}')
        return None, model
    if suffix == '.py':
        if weights is None:
            raise ValueError(f'the config {model} needs weights: give its checkpoint too')
        return model, weights
    entry = zoo.find_model(str(model))
    return entry.config, weights or entry.checkpoint()


def _check_device(device: str) -> torch.device:
    try:
        torch.empty(0, device=device)
    except (AssertionError, RuntimeError) as error:
        reason = str(error).splitlines()[0]
        raise ValueError(f'the device {device!r} cannot be used: {reason}; cpu always works') from error
    return torch.device(device)
