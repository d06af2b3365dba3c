"""XMem is trained like STCN: interrupted and resumed, and by two processes."""
import json
import subprocess

import pytest
import torch
from golden import REPOSITORY
from mmengine.config import Config
from mmengine.hooks import Hook
from mmengine.runner import Runner
from test_main_road import environment, weights

TINY = """
_base_ = '{repository}/configs/xmem/xmem_efficientnet-lite0_synthetic_pixel-object.py'
model = dict(
    key_encoder=dict(backbone=dict(init_cfg=None, frozen=False), fusion=dict(out_channels=8), key_channels=8),
    value_encoder=dict(value_channels=8, num_blocks=1), head=dict(channels=(8, 8)), sensory_channels=4,
    correspondence=[dict(type='PixelCorrespondence'), dict(type='ObjectCorrespondence')])
train_dataloader = dict(batch_size=2, num_workers=0, persistent_workers=False, dataset=dict(
    size=(64, 64), num_videos=20, pipeline=[
        dict(type='SampleNearbyFrames', num_frames=6, max_skip=4), dict(type='RenderClip'),
        dict(type='RandomResizedCrop', size=48), dict(type='WarpClip'), dict(type='SelectObjects', max_objects=3),
        dict(type='PackClip')]))
val_cfg = val_dataloader = val_evaluator = None
# Adam's steps do not shrink with the gradient, so they would blow up differences in the order of summation.
optim_wrapper = dict(_delete_=True, type='OptimWrapper', optimizer=dict(type='SGD', lr=1e-3))
param_scheduler = None
train_cfg = dict(max_iters=4, val_interval=100)
default_hooks = dict(logger=dict(interval=1), checkpoint=dict(interval=2, save_best=None))
"""


class Interrupted(Exception):
    pass


class InterruptHook(Hook):
    """Stands for a kill in the middle of an iteration."""

    def before_train_iter(self, runner, batch_idx, data_batch=None):
        if runner.iter == 3:
            raise Interrupted


@pytest.fixture
def config_file(tmp_path):
    path = tmp_path / 'tiny_xmem.py'
    path.write_text(TINY.format(repository=REPOSITORY))
    return path


def train(config_file, work_dir, hooks=(), **changes):
    config = Config.fromfile(config_file)
    config.work_dir, config.experiment_name = str(work_dir), f'{work_dir.parent.name}_{work_dir.name}_{len(changes)}'
    config.update(changes)
    runner = Runner.from_cfg(config)
    for hook in hooks:
        runner.register_hook(hook)
    runner.train()


def losses(work_dir):
    """Step -> losses by name, over all runs of a work dir."""
    curves = {}
    for file in sorted(work_dir.glob('*/vis_data/scalars.json')):
        for record in map(json.loads, file.read_text().splitlines()):
            curves[record['step']] = {name: value for name, value in record.items() if name.startswith('loss')}
    return curves


def test_a_resumed_training_draws_the_same_frames_and_deep_updates(config_file, tmp_path):
    train(config_file, tmp_path / 'whole')
    cut = tmp_path / 'cut'
    with pytest.raises(Interrupted):
        train(config_file, cut, hooks=[InterruptHook()])
    train(config_file, cut, resume=True, load_from=str(cut / 'iter_2.pth'))
    whole = losses(tmp_path / 'whole')
    assert losses(cut) == whole and list(whole) == [1, 2, 3, 4]
    assert {'loss_ce', 'loss_dice', 'loss_pixel_temporal', 'loss_pixel_cross_view', 'loss_object'} < set(whole[1])
    for name, weight in weights(tmp_path / 'whole' / 'iter_4.pth').items():
        assert torch.equal(weights(cut / 'iter_4.pth')[name], weight), name


def test_two_processes_train_the_weights_of_one(config_file, tmp_path):
    # Few iterations: a pseudo label that rounding turns would move the weights for good.
    train(config_file, tmp_path / 'one', train_cfg=dict(type='IterBasedTrainLoop', max_iters=2))
    script = str(REPOSITORY / 'tools' / 'dist_train.sh')
    result = subprocess.run(
        [script, str(config_file), '2', '--work-dir', str(tmp_path / 'two'), '--cfg-options',
         'train_cfg.max_iters=2', 'train_dataloader.batch_size=1'], env=environment(), capture_output=True, text=True)
    assert result.returncode == 0, result.stderr[-3000:]
    one, two = (weights(tmp_path / folder / 'iter_2.pth') for folder in ('one', 'two'))
    for name, weight in one.items():
        torch.testing.assert_close(two[name], weight, rtol=1e-5, atol=1e-5, msg=name)
