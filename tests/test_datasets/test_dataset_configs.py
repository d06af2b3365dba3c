"""Every base config of a data set makes a training clip and a test frame from a small copy of its layout."""
import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from golden import REPOSITORY
from mmengine.config import Config
from mmengine.registry import init_default_scope

from vosreg.datasets import ClipIndex
from vosreg.fileio import write_image, write_mask
from vosreg.registry import DATASETS, METRICS

CONFIGS = REPOSITORY / 'configs' / '_base_' / 'datasets'
SIZE = (96, 128)


def write_video(frames: Path, masks: Path, names, masked=None, ids=(1, 2)):
    """Noise, with large objects side by side so that no crop loses them all."""
    rng = np.random.default_rng(0)
    mask = np.zeros(SIZE, np.uint8)
    for place, object_id in enumerate(ids):
        mask[8:88, 8 + 60 * place:56 + 60 * place] = object_id
    for name in names:
        write_image(frames / f'{name}.jpg', cv2.resize(rng.integers(0, 256, (12, 16, 3), np.uint8), SIZE[::-1]))
    for name in names if masked is None else masked:
        write_mask(masks / f'{name}.png', mask)


def write_davis(root):
    names = [f'{index:05d}' for index in range(6)]
    write_video(root / 'JPEGImages' / '480p' / 'bear', root / 'Annotations' / '480p' / 'bear', names)
    for year in ('2016', '2017'):
        for split in ('train', 'val', 'test-dev'):
            path = root / 'ImageSets' / year / f'{split}.txt'
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text('bear\n')


def write_youtube_vos(root):
    names = [f'{5 * index:05d}' for index in range(6)]
    for split, masked in (('train_480p', None), ('valid', names[:1])):
        write_video(root / split / 'JPEGImages' / 'cat', root / split / 'Annotations' / 'cat', names, masked)
        objects = {str(i): dict(category='cat', frames=names) for i in (1, 2)}
        (root / split / 'meta.json').write_text(json.dumps(dict(videos=dict(cat=dict(objects=objects)))))


def write_folders(frames, masks, video='cat', prefix='', masked=None):
    write_video(frames / video, masks / video, [f'{prefix}{index:05d}' for index in range(6)], masked)


def write_data(root):
    """All data sets in the places that the configs name."""
    write_davis(root / 'DAVIS')
    for year in (2018, 2019):
        write_youtube_vos(root / f'YouTubeVOS{year}')
    write_folders(root / 'BL30K' / 'JPEGImages', root / 'BL30K' / 'Annotations')
    for name in ('MOSE', 'LVOS'):
        for split in ('train', 'valid'):
            masked = ['00000'] if (name, split) == ('MOSE', 'valid') else None
            write_folders(root / name / split / 'JPEGImages', root / name / split / 'Annotations', masked=masked)
    write_folders(root / 'VOST' / 'JPEGImages', root / 'VOST' / 'Annotations', prefix='frame')
    (root / 'VOST' / 'ImageSets').mkdir()
    for split in ('train', 'val'):
        (root / 'VOST' / 'ImageSets' / f'{split}.txt').write_text('cat\n')
        write_folders(root / 'BURST' / 'frames' / split, root / 'BURST' / 'masks' / split, video='HACS/cat')
        (root / 'BURST' / 'masks' / f'{split}.txt').write_text('HACS/cat\n')
    write_folders(root / 'OVIS' / 'train', root / 'OVIS' / 'masks' / 'train', prefix='img_')
    (root / 'OVIS' / 'masks' / 'train.txt').write_text('cat\n')
    for name in ('fss/ant/1', 'DUTS-TR/a', 'DUTS-TE/a', 'ecssd/a', 'BIG_small/a', 'HRSOD_small/a'):
        path = root / 'static' / name
        write_video(path.parent, path.parent, [path.name], ids=(255, ))


@pytest.fixture(scope='module')
def data_root(tmp_path_factory):
    root = tmp_path_factory.mktemp('work') / 'data'
    write_data(root)
    return root


@pytest.mark.parametrize('name', sorted(path.stem for path in CONFIGS.glob('*.py')))
def test_a_clip_and_a_frame(name, data_root, monkeypatch):
    monkeypatch.chdir(data_root.parent)
    init_default_scope('vosreg')
    config = Config.fromfile(CONFIGS / f'{name}.py')
    train = DATASETS.build(config.train_dataloader.dataset)
    clip = train[ClipIndex(len(train) - 1, 3, max_skip=10)]
    crop = 192 if name == 'synthetic' else 384
    assert clip['inputs'].shape == (3, 3, crop, crop) and clip['data_samples'].num_objects >= 1
    if 'test_dataloader' in config:
        test = DATASETS.build(config.test_dataloader.dataset)
        sample = test[0]['data_samples']
        assert sample.given_mask.shape == test[0]['inputs'].shape[1:]
        assert len(sample.object_ids) == (1 if name == 'davis2016' else sample.given_mask.max())
        assert sample.result_wanted
        assert 'given_mask' not in test[1]['data_samples']


PROTOCOLS = {
    'davis2016': 'davis', 'davis2017': 'davis', 'davis2017_test-dev': 'davis', 'youtube_vos2018': 'youtube_vos',
    'youtube_vos2019': 'youtube_vos', 'mose': 'mose', 'lvos': 'lvos', 'vost': 'vost', 'burst': 'burst'
}


@pytest.mark.parametrize('name', PROTOCOLS)
def test_each_is_scored_by_its_protocol(name):
    init_default_scope('vosreg')
    config = Config.fromfile(CONFIGS / f'{name}.py')
    assert config.test_evaluator == config.val_evaluator
    metric = METRICS.build(config.test_evaluator)
    assert metric.prefix == PROTOCOLS[name]
    assert type(metric).__name__ == ('DAVISMetric' if name.startswith(('davis', 'vost')) else 'YouTubeVOSMetric')
