"""Whole trainings with and without correspondence losses."""
import json
from pathlib import Path

import pytest
import torch
from golden import REPOSITORY
from mmengine.config import Config
from mmengine.hooks import Hook
from mmengine.runner import Runner
from small_model import small_config

from vosreg.engine import StrictRunner
from vosreg.engine.checkpoints import load_from_local

CORRESPONDENCE = [dict(type='PixelCorrespondence', projection_channels=4, temporal_weight=1,
                       schedule=dict(type='LinearRamp', start=-1, end=6))]


class Interrupted(Exception):
    pass


class WatchHook(Hook):
    """Notes the batches and kills the run at an iteration."""

    def __init__(self, stop: int) -> None:
        self.stop = stop
        self.batches = []

    def before_train_iter(self, runner, batch_idx, data_batch=None):
        if runner.iter == self.stop:
            raise Interrupted
        self.batches.append((torch.stack(data_batch['inputs']), [sample.video for sample in
                                                                 data_batch['data_samples']]))


def config(folder, **model) -> Config:
    cfg = Config.fromfile(REPOSITORY / 'configs/stcn/stcn_efficientnet-lite0_synthetic.py')
    cfg.model = small_config(**model)
    cfg.train_dataloader.update(num_workers=0, persistent_workers=False, batch_size=2)
    cfg.train_dataloader.dataset.update(size=(64, 64), num_videos=20)
    for transform in cfg.train_dataloader.dataset.pipeline:
        if transform.type == 'RandomResizedCrop':
            transform.size = 48
    for key in ('val_dataloader', 'val_cfg', 'val_evaluator', 'test_dataloader', 'test_cfg', 'test_evaluator'):
        cfg[key] = None
    cfg.train_cfg = dict(type='IterBasedTrainLoop', max_iters=6)
    cfg.default_hooks.logger.interval = 1
    cfg.default_hooks.checkpoint = dict(type='CheckpointHook', by_epoch=False, interval=2)
    # MMEngine names its global objects by the experiment's name and the second.
    cfg.work_dir, cfg.experiment_name = str(folder), f'{folder.parent.name}_{folder.name}'
    return cfg


def train(cfg, stop=-1):
    """The batches and what was logged at each step."""
    runner = (StrictRunner if cfg.resume else Runner).from_cfg(cfg)
    watch = WatchHook(stop)
    runner.register_hook(watch)
    if stop < 0:
        runner.train()
    else:
        with pytest.raises(Interrupted):
            runner.train()
    records = [json.loads(line) for file in sorted(
        Path(runner.work_dir).glob('*/vis_data/scalars.json')) for line in file.read_text().splitlines()]
    return watch.batches, {record['step']: {name: value for name, value in record.items() if 'loss' in name}
                           for record in records}


def test_batches_stay_and_a_resumed_training_is_the_uninterrupted_one(tmp_path):
    plain_batches, plain = train(config(tmp_path / 'plain'))
    batches, losses = train(config(tmp_path / 'whole', correspondence=CORRESPONDENCE))
    assert len(batches) == 6
    for (images, videos), (plain_images, plain_videos) in zip(batches, plain_batches):
        assert torch.equal(images, plain_images) and videos == plain_videos
    assert {name: losses[1][name] for name in ('loss_ce', 'loss_dice')} == {
        name: plain[1][name] for name in ('loss_ce', 'loss_dice')}
    assert losses[6]['loss_ce'] != plain[6]['loss_ce']
    # The ramp rises by a seventh at each step.
    assert losses[6]['loss_pixel_temporal'] > 3 * losses[1]['loss_pixel_temporal'] > 0

    cut = config(tmp_path / 'cut', correspondence=CORRESPONDENCE)
    train(cut, stop=5)
    cut.resume, cut.load_from, cut.experiment_name = True, str(tmp_path / 'cut' / 'iter_4.pth'), f'{tmp_path.name}_on'
    resumed_batches, resumed = train(cut)
    assert len(resumed_batches) == 2
    assert resumed == losses
    whole_weights, weights = (load_from_local(str(tmp_path / folder / 'iter_6.pth'))['state_dict']
                              for folder in ('whole', 'cut'))
    assert all(torch.equal(whole_weights[name], weights[name]) for name in whole_weights)
    assert 'correspondence.0.projection.weight' in weights


def test_labelled_and_unlabelled_clips_in_one_run(tmp_path):
    cfg = config(tmp_path / 'mixed', correspondence=[*CORRESPONDENCE, dict(type='ObjectCorrespondence')])
    labelled = cfg.train_dataloader.dataset
    pipeline = list(labelled.pipeline)
    without = [dict(type='DropAnnotations') if transform.type == 'SelectObjects' else transform
               for transform in pipeline]
    discover = dict(type='DiscoverObjects', discoverer=dict(type='HierarchicalGrouping', max_regions=4))
    cfg.train_dataloader.dataset = dict(
        type='MixedVideoDataset', ratio=(1, 2),
        datasets=[dict(labelled, num_videos=2), dict(labelled, pipeline=[*without[:-1], discover, without[-1]])])
    cfg.log_processor.window_size = 1
    batches, losses = train(cfg)
    assert len(batches) == 6
    # Draws 0, 3, 6, ... are labelled: those of the first, second, fourth and fifth batch.
    assert [losses[step]['loss_ce'] > 0 for step in range(1, 7)] == 2 * [True, True, False]
    assert all(losses[step]['loss_pixel_temporal'] > 0 and losses[step]['loss_object'] > 0 for step in range(1, 7))
