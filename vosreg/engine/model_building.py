"""From a config and a checkpoint to a model that is for inference only."""
from pathlib import Path
from typing import Optional, Union

from mmengine.config import Config
from mmengine.registry import init_default_scope
from mmengine.runner import CheckpointLoader
from torch import nn

from vosreg.registry import MODELS

from .checkpoint_config import drop_training_parts, model_config
from .checkpoints import load_weights
from .config import require


def build_for_inference(config: Optional[Config], checkpoint: Union[str, Path, None] = None) -> nn.Module:
    """Build the model of a config without what is for training only.

    Args:
        config: The config; None for the one that the checkpoint carries.
        checkpoint: A file, a URL or ``zoo://NAME``; without one the weights are those that the config begins with.

    Returns:
        The model in evaluation mode on the CPU.

    Raises:
        FileNotFoundError: There is no such checkpoint.
        CheckpointError: The checkpoint is damaged, holds code, does not fit the model, or has no config.
        ConfigError: The config has no model.
    """
    if config is not None:
        require(config, 'model')
    weights = None if checkpoint is None else CheckpointLoader.load_checkpoint(str(checkpoint), 'cpu')
    init_default_scope('vosreg' if config is None else config.get('default_scope', 'vosreg'))
    model = model_config(weights, str(checkpoint)) if config is None else config.model
    drop_training_parts(model)
    built = MODELS.build(model)
    if weights is not None:
        load_weights(built, weights, str(checkpoint))
    return built.eval()
