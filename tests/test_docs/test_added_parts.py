"""The parts that the documentation adds train for a step and segment a short video."""
import csv

import pytest
from golden import REPOSITORY
from pages import named_files, page
from small_datasets import write_video
from toy_training import run_tool

from vosreg.fileio import read_mask

FILES = named_files(page('en/add_parts.md'))
CONFIGS = [name for name in FILES if name.endswith('_config.py')]
# One step on two clips of three small frames.
TRAINING = ['train_dataloader.batch_size=2', 'train_dataloader.num_workers=0',
            'train_dataloader.persistent_workers=False', 'train_dataloader.dataset.pipeline.3.size=64',
            'train_cfg.max_iters=1', 'default_hooks.checkpoint.interval=1']
TESTING = ['test_dataloader.num_workers=0']
RENDERED = dict(train=['train_dataloader.dataset.size=(64,96)'],
                test=['test_dataloader.dataset.size=(64,96)', 'test_dataloader.dataset.num_videos=1',
                      'test_dataloader.dataset.num_frames=5'])


def test_every_part_has_a_config():
    assert len(CONFIGS) == 6
    assert set(FILES) == {name for config in CONFIGS for name in (config, config.replace('_config', ''))}


@pytest.mark.parametrize('name', CONFIGS)
def test_part(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    for file in (name, name.replace('_config', '')):
        (tmp_path / file).write_text(FILES[file].replace('vosreg::', f'{REPOSITORY}/configs/'))
    if name == 'my_dataset_config.py':
        write_pairs(tmp_path / 'data' / 'pairs')
        settings = dict(train=[], test=[])
    else:
        settings = RENDERED
    run_tool('train', name, '--work-dir', 'run', '--cfg-options', *TRAINING, *settings['train'])
    run_tool('test', name, 'run/iter_1.pth', '--out', 'masks', '--cfg-options', *TESTING, *settings['test'])
    masks = sorted((tmp_path / 'masks').glob('*/*.png'))
    assert len(masks) == 5
    assert read_mask(masks[0]).any()


def write_pairs(root):
    """Two videos in the layout of the page's data set."""
    for name in ('cat', 'dog'):
        write_video(root / name, root / name, [f'{index:04d}' for index in range(5)])
        for index in range(5):
            (root / name / f'{index:04d}.jpg').rename(root / name / f'{index:04d}_image.jpg')
            (root / name / f'{index:04d}.png').rename(root / name / f'{index:04d}_mask.png')
    with (root / 'videos.csv').open('w', newline='') as file:
        csv.writer(file).writerows([('cat', 'train'), ('dog', 'val')])
