"""A model and videos so small that whole videos are segmented in a test."""
from pathlib import Path
from typing import List

import cv2
import numpy as np
import torch
from golden import REPOSITORY
from mmengine.config import Config
from mmengine.registry import init_default_scope

from vosreg.fileio import read_mask, write_image, write_mask
from vosreg.registry import MODELS

SIZE = (48, 64)
CONFIG = f"""
_base_ = '{REPOSITORY}/configs/_base_/models/stcn_efficientnet_lite0.py'
default_scope = 'vosreg'
model = dict(
    key_encoder=dict(backbone=dict(init_cfg=None), fusion=dict(out_channels=16), key_channels=8),
    value_encoder=dict(value_channels=8, num_blocks=1), head=dict(channels=(8, 8)), losses=[],
    test_cfg=dict(mem_every=2))
"""


def write_config(path: Path) -> Path:
    path.write_text(CONFIG)
    return path


def build_model(config: Path) -> torch.nn.Module:
    """The same random weights at every call; they answer to what is where in memory, as trained ones do."""
    init_default_scope('vosreg')
    torch.manual_seed(0)
    return MODELS.build(Config.fromfile(config).model).eval()


def write_checkpoint(path: Path, config: Path) -> Path:
    """As a training writes it: with its config as text."""
    meta = dict(cfg=Config.fromfile(config).pretty_text, experiment_name='small_20260101_000000')
    torch.save(dict(meta=meta, state_dict=build_model(config).state_dict()), path)
    return path


def moving_squares(count: int = 7, size=SIZE) -> List[np.ndarray]:
    """Squares that move to the right over coarse noise."""
    background = cv2.resize(np.random.default_rng(0).integers(0, 200, (6, 8, 3), np.uint8), size[::-1])
    frames = []
    for t in range(count):
        frame = background.copy()
        for place, colour in squares(t):
            frame[place] = colour
        frames.append(frame)
    return frames


def square_mask(t: int = 0, ids=(1, 2), size=SIZE) -> np.ndarray:
    mask = np.zeros(size, np.uint8)
    for object_id, (place, _) in zip(ids, squares(t)):
        mask[place] = object_id
    return mask


def squares(t: int) -> list:
    return [((slice(4, 20), slice(4 + 3 * t, 24 + 3 * t)), (255, 40, 0)),
            ((slice(26, 42), slice(10 + 3 * t, 30 + 3 * t)), (0, 60, 255))]


def write_frames(folder: Path, frames=None) -> Path:
    for index, frame in enumerate(moving_squares() if frames is None else frames):
        write_image(folder / f'{index:05d}.png', frame)
    return folder


def write_first_mask(path: Path, **changes) -> Path:
    write_mask(path, square_mask(**changes))
    return path


def read_masks(folder: Path) -> List[np.ndarray]:
    """The masks of the results in a folder, in order."""
    return [read_mask(path) for path in sorted(folder.glob('masks/*.png'))]
