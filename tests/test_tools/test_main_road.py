"""The real tools on a tiny configuration: train, kill, resume, distribute, test, draw, import a module of one's own."""
import json
import os
import signal
import socket
import subprocess
import sys
import time

import pytest
import torch
from golden import REPOSITORY, load_module

from vosreg.engine.checkpoints import load_from_local
from vosreg.fileio import read_image, read_mask, read_video

TINY = """
_base_ = '{repository}/configs/stcn/stcn_efficientnet-lite0_synthetic.py'
model = dict(
    key_encoder=dict(backbone=dict(init_cfg=None, frozen=False), fusion=dict(out_channels=8), key_channels=8),
    value_encoder=dict(value_channels=8, num_blocks=1), head=dict(channels=(8, 8)))
train_dataloader = dict(num_workers=1, dataset=dict(size=(64, 64), num_videos=20))
train_dataloader['dataset']['pipeline'] = [
    dict(type='SampleFrames', num_frames=3, max_skip=4), dict(type='RenderClip'),
    dict(type='RandomFlip'), dict(type='RandomResizedCrop', size=48), dict(type='WarpClip'),
    dict(type='SelectObjects', max_objects=2), dict(type='PackClip')]
val_dataloader = test_dataloader = dict(dataset=dict(size=(64, 80), num_videos=3, num_frames=4))
optim_wrapper = dict(_delete_=True, type='OptimWrapper', optimizer=dict(type='AdamW', lr=1e-3))
param_scheduler = [dict(type='LinearLR', by_epoch=False, start_factor=0.5, begin=0, end=6)]
train_cfg = dict(max_iters=8, val_interval=100)
default_hooks = dict(logger=dict(interval=1), checkpoint=dict(interval=2, save_best=None),
                     visualization=dict(interval=2))
"""


@pytest.fixture
def config(tmp_path):
    path = tmp_path / 'tiny.py'
    path.write_text(TINY.format(repository=REPOSITORY))
    return path


def command(tool, *arguments):
    return [sys.executable, str(REPOSITORY / 'tools' / f'{tool}.py'), *map(str, arguments)]


def free_port():
    with socket.socket() as server:
        server.bind(('127.0.0.1', 0))
        return server.getsockname()[1]


def environment():
    return dict(os.environ, CUDA_VISIBLE_DEVICES='', OMP_NUM_THREADS='1', PYTHON=sys.executable,
                PYTHONPATH=str(REPOSITORY), PORT=str(free_port()))


def run(arguments):
    result = subprocess.run(arguments, env=environment(), capture_output=True, text=True)
    assert result.returncode == 0, result.stdout[-2000:] + result.stderr[-3000:]
    return result.stdout


def losses(work_dir):
    """Step -> loss over all runs of a work dir; a later run overwrites an earlier one."""
    curve = {}
    for file in sorted(work_dir.glob('*/vis_data/scalars.json')):
        for record in map(json.loads, file.read_text().splitlines()):
            if 'loss' in record:
                curve[record['step']] = record['loss']
    return curve


def weights(path):
    return load_from_local(str(path))['state_dict']


def test_killed_and_resumed_training_is_the_uninterrupted_one(config, tmp_path):
    run(command('train', config, '--work-dir', tmp_path / 'whole'))
    cut = tmp_path / 'cut'
    process = subprocess.Popen(command('train', config, '--work-dir', cut), env=environment(),
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    deadline = time.monotonic() + 120
    while not (cut / 'iter_4.pth').exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert not (cut / 'iter_8.pth').exists()
    # MMEngine's note of the latest checkpoint is empty when the kill hits its writing.
    (cut / 'last_checkpoint').write_text('')
    first_part = losses(cut)
    run(command('train', config, '--work-dir', cut, '--resume'))
    whole = losses(tmp_path / 'whole')
    assert sorted(whole) == sorted(losses(cut)) == list(range(1, 9))
    assert losses(cut) == whole and first_part == {step: whole[step] for step in first_part}
    for name, weight in weights(tmp_path / 'whole' / 'iter_8.pth').items():
        assert torch.equal(weights(cut / 'iter_8.pth')[name], weight), name


def test_two_processes_train_and_score_as_one(config, tmp_path):
    one, two = tmp_path / 'one', tmp_path / 'two'
    # Adam's steps do not shrink with the gradient, so they would blow up differences in the order of summation.
    options = ['--cfg-options', 'train_cfg.max_iters=4', 'train_cfg.val_interval=4', 'optim_wrapper.optimizer.type=SGD']
    run(command('train', config, '--work-dir', one, *options))
    script = str(REPOSITORY / 'tools' / 'dist_train.sh')
    run([script, str(config), '2', '--work-dir', str(two), *options, 'train_dataloader.batch_size=2'])
    for name, weight in weights(one / 'iter_4.pth').items():
        torch.testing.assert_close(weights(two / 'iter_4.pth')[name], weight, rtol=1e-4, atol=1e-5, msg=name)

    checkpoint = str(one / 'iter_4.pth')
    scores = []
    for folder, arguments in ((one, command('test', config, checkpoint)),
                              (two, [str(REPOSITORY / 'tools' / 'dist_test.sh'), str(config), checkpoint, '2'])):
        run([*arguments, '--work-dir', str(folder / 'test'), '--out', str(folder / 'masks'), '--match-precision'])
        scores.append({name: value for name, value in json.loads(
            next((folder / 'test').glob('*/*.json')).read_text()).items() if name.startswith(('davis/', 'match/'))})
    assert scores[0] == scores[1] and len(scores[0]) == 7 + 6
    masks = [sorted((folder / 'masks').glob('*/*.png')) for folder in (one, two)]
    assert len(masks[0]) == len(masks[1]) == 12
    assert all((read_mask(a) == read_mask(b)).all() for a, b in zip(*masks))


def test_test_draws_every_frame(config, tmp_path):
    run(command('train', config, '--work-dir', tmp_path / 'work', '--amp', '--cfg-options', 'train_cfg.max_iters=2'))
    show = tmp_path / 'show'
    run(command('test', config, tmp_path / 'work' / 'iter_2.pth', '--work-dir', tmp_path / 'work', '--show-dir', show))
    assert len(list(show.glob('val_000000/*.jpg'))) == 4
    assert read_image(show / 'val_000000' / '00000.jpg').shape == (64, 80, 3)
    assert [frame.shape for frame in read_video(show / 'val_000001.mp4')] == [(64, 80, 3)] * 4


def test_a_module_of_ones_own(config, tmp_path):
    """``custom_imports`` registers a user's loss that lies beside the config; nothing of vosreg changes."""
    (tmp_path / 'my_losses.py').write_text(
        'from vosreg.models.losses import MaskLoss\n'
        'from vosreg.registry import MODELS\n\n\n'
        '@MODELS.register_module()\n'
        'class MyLoss(MaskLoss):\n'
        '    def forward(self, logits, labels, valid, iteration):\n'
        '        return self.loss_weight * logits.square().mean()\n')
    config.write_text(config.read_text() + (
        "custom_imports = dict(imports=['my_losses'])\n"
        "model['losses'] = [dict(type='MyLoss', loss_weight=0.5, loss_name='loss_mine')]\n"))
    run(command('train', config, '--work-dir', tmp_path / 'work', '--cfg-options', 'train_cfg.max_iters=1'))
    log = next((tmp_path / 'work').glob('*/*.log')).read_text()
    assert 'loss_mine' in log


def test_export_and_browse(config, tmp_path):
    root = tmp_path / 'exported'
    export = command('dataset_converters/export_synthetic', root, '--num-videos', '2', '--num-frames', '4', '--size',
                     '48', '64')
    run(export)
    masks = sorted((root / 'Annotations').glob('480p/*/*.png'))
    assert len(masks) == 8 and (root / 'ImageSets/2017/train.txt').read_text() == 'train_000000\ntrain_000001\n'
    masks[-1].unlink()
    before = masks[0].stat().st_mtime_ns
    run(export)
    assert masks[-1].exists() and masks[0].stat().st_mtime_ns == before

    run(command('analysis_tools/browse_dataset', config, '--out', tmp_path / 'browse', '--number', '2'))
    assert [read_image(path).shape for path in sorted((tmp_path / 'browse').iterdir())] == [(22 + 96, 144, 3)] * 2


def test_quickstart_table(capsys):
    quickstart = load_module(REPOSITORY / 'tools' / 'quickstart.py')
    quickstart.print_table({'one': {'J&F-Mean': 0.5, 'J-Mean': 0.25, 'F-Mean': 0.75, 'J-Decay': 0.1}})
    assert capsys.readouterr().out.split() == ['J&F', 'J', 'F', 'one', '50.0', '25.0', '75.0']
