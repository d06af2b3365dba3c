"""Loading of reference inputs, weights and results for the tests against the official implementations."""
import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Dict

import numpy as np
import torch
from mmengine.config import Config
from torch import Tensor

from vosreg.registry import MODELS

REPOSITORY = Path(__file__).parents[1]


def load_module(path: Path) -> ModuleType:
    """Import a Python file that is not in a package, such as a tool."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    return module


def official_state_dict(golden_root: Path, network: str) -> Dict[str, Tensor]:
    """The deterministic weights of an official network, under the official names."""
    weights = load_module(golden_root / 'weights.py')
    shapes = json.loads((golden_root / f'{network}_state_dict.json').read_text())
    return {name: torch.from_numpy(np.asarray(weights.fill(name, shape))) for name, shape in shapes.items()}


def build_model(config: str) -> torch.nn.Module:
    """The model of a config below ``configs/`` as it is before any weights are loaded, in evaluation mode.

    Its memory format is that of the official code: another one adds up in another order.
    """
    config = Config.fromfile(REPOSITORY / 'configs' / config)
    return MODELS.build(dict(config.model, channels_last=False)).eval()


def given_mask(clips: Dict[str, np.ndarray], clip: str, frame: int, ids, height: int, width: int) -> Tensor:
    """The mask of some objects of a frame of ``clips.npz``, cut to a size."""
    labels = clips[f'{clip}_mask{frame}'][:height, :width]
    return torch.from_numpy(np.where(np.isin(labels, ids), labels, 0))


def normalise(frames: np.ndarray) -> Tensor:
    """RGB uint8 [T, H, W, 3] -> network input [T, 3, H, W]."""
    mean, std = torch.tensor([0.485, 0.456, 0.406]), torch.tensor([0.229, 0.224, 0.225])
    return ((torch.from_numpy(frames) / 255 - mean) / std).permute(0, 3, 1, 2)
