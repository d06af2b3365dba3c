"""A model, data and a config so small that whole trainings run in a test; registered like a user's own module."""
import os
import sys
from pathlib import Path
from typing import List
from unittest import mock

import numpy as np
import torch
from mmengine.model import BaseModel
from torch import nn

from vosreg import cli
from vosreg.datasets import VideoDataset
from vosreg.registry import DATASETS, MODELS, TRANSFORMS
from vosreg.structures import VOSDataSample

CONFIG = """
_base_ = '{base}'
custom_imports = dict(imports=['toy_training'])
model = dict(type='ToyModel')
train_dataloader = dict(
    batch_size=2, num_workers=0, sampler=dict(type='ClipSampler'), collate_fn=dict(type='pseudo_collate'),
    dataset=dict(type='ToyVideos', pipeline=[dict(type='PackToy')]))
train_cfg = dict(type='IterBasedTrainLoop', max_iters=6)
optim_wrapper = dict(type='OptimWrapper', optimizer=dict(type='AdamW', lr=0.1), clip_grad=dict(max_norm=10.))
param_scheduler = [dict(type='PolyLR', power=1, by_epoch=False, end=6)]
default_hooks = dict(checkpoint=dict(interval=2), logger=dict(interval=1))
test_dataloader = dict(
    batch_size=1, num_workers=0, sampler=dict(type='VideoSampler'), collate_fn=dict(type='pseudo_collate'),
    dataset=dict(type='ToyVideos', pipeline=[dict(type='PackToy')], test_mode=True))
test_cfg = dict(type='TestLoop')
test_evaluator = dict(type='DAVISMetric')
"""


def write_config(path: Path, **changes: str) -> Path:
    """Write the toy config, with assignments such as ``train_cfg='dict(max_iters=2)'`` after it."""
    base = Path(__file__).resolve().parents[1] / 'configs' / '_base_' / 'default_runtime.py'
    lines = [f'{name} = {value}' for name, value in changes.items()]
    path.write_text(CONFIG.format(base=base) + '\n'.join(lines) + '\n')
    return path


def run_tool(command: str, *arguments) -> None:
    """Run a tool in this process, as ``vosreg COMMAND ...`` does, and undo what it does to the process."""
    with mock.patch.dict(os.environ), mock.patch.object(sys, 'argv', []):
        cli.main([command, *map(str, arguments)])


@MODELS.register_module()
class ToyModel(BaseModel):
    """A convolution that learns to be bright, with dropout so that random numbers matter; segments what is not dark."""

    def __init__(self, channels: int = 3, dropout: float = 0.5) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels, 1, 1)
        self.dropout = nn.Dropout(dropout)

    def forward(self, inputs, data_samples, mode: str = 'tensor'):
        images = torch.stack(inputs).float() / 255
        if mode == 'loss':
            return dict(loss=(self.conv(self.dropout(images.flatten(0, 1))) - 1).square().mean())
        for image, sample in zip(images, data_samples):
            height, width = sample.ori_shape
            sample.pred_mask = (image[0, :height, :width] > 0.3).byte()
        return data_samples


@DATASETS.register_module()
class ToyVideos(VideoDataset):
    """Two videos of four frames of noise."""

    def load_data_list(self) -> List[dict]:
        return [dict(video=name, num_frames=4, frame_paths=[''] * 4, mask_paths=[None] * 4, given=[0])
                for name in ('left', 'right')]


@TRANSFORMS.register_module()
class PackToy:
    """Make the noise of a clip, or of a frame whose bright pixels are the object."""

    def __call__(self, results: dict) -> dict:
        if 'rng' in results:
            clip = results['rng'].integers(0, 256, (2, 3, 8, 8), np.uint8)
            meta = dict(video=results['video'], max_skip=results['max_skip'])
            return dict(inputs=torch.from_numpy(clip), data_samples=VOSDataSample(metainfo=meta))
        index = results['frame_index']
        frame = np.random.default_rng(index).integers(0, 256, (3, 9, 11), np.uint8)
        mask = torch.from_numpy((frame[0] > 127).astype(np.uint8))
        meta = dict(video=results['video'], frame_index=index, frame_name=f'{index:05d}', frame_path='',
                    video_length=results['num_frames'], ori_shape=(9, 11), object_ids=(1, ),
                    given_ids=() if index else (1, ))
        return dict(inputs=torch.from_numpy(frame), data_samples=VOSDataSample(metainfo=meta, gt_mask=mask))
