"""The parts that the documentation adds train for a step and segment a short video."""
import csv
from itertools import pairwise

import pytest
import torch
from golden import REPOSITORY
from mmengine.config import Config
from mmengine.dataset import pseudo_collate
from mmengine.optim import build_optim_wrapper
from mmengine.registry import init_default_scope
from pages import DOCS, named_files, read
from small_datasets import write_video

from vosreg.registry import DATASETS, MODELS

FILES = named_files(read(DOCS / 'en' / 'add_parts.md'))
CONFIGS = [name for name in FILES if name.endswith('_config.py')]
RENDERED = dict(size=(64, 96), num_videos=2, num_frames=5)


def test_every_part_has_a_config():
    assert len(CONFIGS) == 7
    assert set(FILES) == {name for config in CONFIGS for name in (config, config.replace('_config', ''))}


@pytest.mark.parametrize('name', CONFIGS)
def test_part(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    for file in (name, name.replace('_config', '')):
        (tmp_path / file).write_text(FILES[file].replace('vosreg::', f'{REPOSITORY}/configs/'))
    config = Config.fromfile(name)
    init_default_scope(config.default_scope)
    clips, frames = config.train_dataloader.dataset, config.test_dataloader.dataset
    next(step for step in clips.pipeline if step.type == 'RandomResizedCrop').size = 64
    if clips.type == 'SyntheticVOS':
        clips.update(RENDERED)
        frames.update(RENDERED)
    else:
        write_pairs(tmp_path / clips.data_root)
    clips, frames = DATASETS.build(clips), DATASETS.build(frames)

    torch.manual_seed(0)
    config.model.key_encoder.backbone.pop('init_cfg', None)
    model = MODELS.build(config.model)
    weights = [weight.detach().clone() for weight in model.head.parameters()]
    optimizer = build_optim_wrapper(model, config.optim_wrapper)
    losses = model.train_step(pseudo_collate([clips[0], clips[len(clips) - 1]]), optimizer)
    assert all(torch.isfinite(value).all() for value in losses.values())
    assert any((old != new).any() for old, new in zip(weights, model.head.parameters()))

    model.eval()
    samples = [model.test_step(pseudo_collate([frames[index]]))[0] for index in range(5)]
    assert all(after.frame_index == before.frame_index + 1 for before, after in pairwise(samples))
    assert all(sample.pred_mask.shape == sample.ori_shape for sample in samples)
    assert (samples[0].pred_mask == samples[0].given_mask).float().mean() > 0.95


def write_pairs(root):
    """Two videos in the layout of the page's data set."""
    for name in ('cat', 'dog'):
        write_video(root / name, root / name, [f'{index:04d}' for index in range(5)])
        for path in [*(root / name).glob('*.jpg'), *(root / name).glob('*.png')]:
            path.rename(path.with_stem(f'{path.stem}_{"image" if path.suffix == ".jpg" else "mask"}'))
    with (root / 'videos.csv').open('w', newline='') as file:
        csv.writer(file).writerows([('cat', 'train'), ('dog', 'val')])
