"""Every config trains for one iteration and is tested on a video, on small copies of the data that it names."""
from typing import Iterator

import pytest
import torch
from golden import REPOSITORY
from mmengine.config import Config
from mmengine.optim import OptimWrapper
from mmengine.runner import Runner

from vosreg.fileio import read_mask
from vosreg.registry import OPTIM_WRAPPERS

CONFIGS = sorted(path.relative_to(REPOSITORY / 'configs') for path in (REPOSITORY / 'configs').glob('[!_]*/*.py'))
# Of the crops and test frames; an XMem with three reference frames needs clips of at least five to choose from.
CROP, SHORT_SIDE, FRAMES = 32, 48, 5


def transforms(dataset: dict) -> Iterator[dict]:
    for part in dataset.get('datasets', [dataset]):
        yield from part.pipeline


def shrink_loader(loader: dict) -> None:
    loader.update(batch_size=min(2, loader.batch_size), num_workers=0, persistent_workers=False)
    for part in loader.dataset.get('datasets', [loader.dataset]):
        part.serialize_data = False  # It collects garbage, for a third of a second.
        if part.type == 'SyntheticVOS':
            part.update(num_videos=2, num_frames=12, size=(64, 80))
    for transform in transforms(loader.dataset):
        if transform.type in ('RandomResizedCrop', 'RandomFrameCrop'):
            transform.size = CROP
        elif transform.type == 'ResizeShortSide':
            transform.size = SHORT_SIDE
        elif 'num_frames' in transform:
            transform.num_frames = min(FRAMES, transform.num_frames)


def shrink_model(model: dict) -> None:
    """Random weights, few channels, and a residual network of 0.4 M parameters in place of each ResNet."""
    if model.type == 'MatchingVOS':
        model.value_encoder.value_channels = 16
        model.head.channels = [16] * len(model.head.channels)
    for encoder in (model.get('key_encoder', {}), model.get('value_encoder', {})):
        backbone = encoder.get('backbone', {})
        if backbone.get('model_name', '').startswith('resnet'):
            backbone.update(model_name='test_resnet', pretrained=False)
        elif backbone:
            backbone.init_cfg = None


def small_config(name: str, work_dir: str) -> Config:
    config = Config.fromfile(REPOSITORY / 'configs' / name)
    shrink_model(config.model)
    for split in ('train', 'test'):
        if f'{split}_dataloader' in config:
            shrink_loader(config[f'{split}_dataloader'])
    config.val_dataloader = config.val_cfg = config.val_evaluator = None
    config.work_dir = work_dir
    config.vis_backends = config.visualizer.vis_backends = []
    config.default_hooks.checkpoint.save_last = False
    config.default_hooks.pop('versions')  # It asks git.
    if 'train_cfg' in config:
        config.train_cfg.max_iters = 1
    else:
        config.train_dataloader = None
    return config


@pytest.mark.parametrize('name', CONFIGS, ids=str)
def test_a_training_step_and_a_test(name, small_data, tmp_path, monkeypatch):
    monkeypatch.chdir(small_data)
    # To log the machine and the formatted config takes longer than all the rest.
    monkeypatch.setattr(Runner, '_log_env', lambda *_: None)
    monkeypatch.setattr(Config, 'pretty_text', '')
    config = small_config(name, str(tmp_path))
    if 'test_evaluator' in config:
        config.test_evaluator.out_dir = str(tmp_path / 'masks')
    runner = Runner.from_cfg(config)
    if 'train_cfg' in config:
        before = {name: weight.clone() for name, weight in runner.model.named_parameters() if weight.requires_grad}
        runner.train()
        assert 0 < runner.message_hub.get_scalar('train/loss').current() < 100
        changed = [not torch.equal(weight, before[name]) for name, weight in runner.model.named_parameters()
                   if name in before]
        assert sum(changed) > len(changed) / 2
    if 'test_dataloader' in config:
        metrics = runner.test()
        dataset = runner.test_dataloader.dataset
        masks = sorted((tmp_path / 'masks').glob('*/*.png'))
        assert len(masks) == sum(len(video.frames) for video in dataset.wanted_results()) >= 9
        assert read_mask(masks[-1]).shape == dataset[0]['data_samples'].ori_shape
        assert all(-1 <= value <= 1 for value in metrics.values()), metrics


def test_there_are_configs():
    assert len(CONFIGS) >= 5


@pytest.mark.parametrize('path', sorted((REPOSITORY / 'configs' / '_base_' / 'schedules').glob('*.py')),
                         ids=lambda path: path.stem)
def test_schedules_are_of_mixed_precision_and_can_be_of_float32(path):
    config = Config.fromfile(path)
    assert config.optim_wrapper.type == 'AutocastOptimWrapper'
    config.merge_from_dict({'optim_wrapper.type': 'OptimWrapper'})
    wrapper = OPTIM_WRAPPERS.build(dict(
        {name: value for name, value in config.optim_wrapper.items() if name != 'paramwise_cfg'},
        optimizer=torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1)))
    assert type(wrapper) is OptimWrapper
