"""Submissions by the tools, as a user makes them."""
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch
from golden import REPOSITORY
from mmengine.config import Config
from mmengine.registry import init_default_scope
from toy_training import ToyModel, run_tool, write_config

from vosreg.fileio import read_mask, read_scores, write_image, write_mask
from vosreg.registry import MODELS

BASELINE = 'baselines/copy-first-mask_youtube-vos2018.py'


def _options(clips_root):
    return ('--cfg-options', f'test_dataloader.dataset.data_root={clips_root / "YouTubeVOS"}',
            'test_dataloader.num_workers=0',
            'test_dataloader.persistent_workers=False', 'default_hooks.visualization.interval=0')


def test_youtube_vos_with_many_objects(clips_root, tmp_path, monkeypatch, capsys):
    """From the clips to the zip file, and once more from the masks alone."""
    monkeypatch.chdir(tmp_path)
    run_tool('test', BASELINE, '--out', 'masks', '--zip', 'out.zip', *_options(clips_root))
    with zipfile.ZipFile('out.zip') as archive:
        names = archive.namelist()
    frames = {video: [name for name in names if name.startswith(f'Annotations/{video}/')]
              for video in ('1001_3iEIq5HBY1s', '1007_YCTBBdbKSSg', 'caps', 'late-objects')}
    assert {video: len(found) for video, found in frames.items()} == {
        '1001_3iEIq5HBY1s': 45, '1007_YCTBBdbKSSg': 44, 'caps': 87, 'late-objects': 40}
    assert len(names) == 216 and frames['1001_3iEIq5HBY1s'][0] == 'Annotations/1001_3iEIq5HBY1s/00002058.png'

    run_tool('make-submission', BASELINE, 'masks', 'again.zip', *_options(clips_root))
    assert '216 masks of 4 videos' in capsys.readouterr().out
    with zipfile.ZipFile('again.zip') as archive:
        assert archive.namelist() == names

    (tmp_path / 'masks' / 'caps' / '00033.png').unlink()
    with pytest.raises(SystemExit, match="(?s)video 'caps': 1 of 87 masks are missing.*00033"):
        run_tool('make-submission', BASELINE, 'masks', 'third.zip', *_options(clips_root))
    assert not (tmp_path / 'third.zip').exists()


def test_a_zip_needs_masks(capsys):
    with pytest.raises(SystemExit):
        run_tool('test', BASELINE, '--zip', 'out.zip')
    assert '--zip needs --out' in capsys.readouterr().err


SMALL_STCN = """
_base_ = ['{configs}/_base_/models/stcn_efficientnet_lite0.py', '{configs}/_base_/datasets/youtube_vos2018.py',
          '{configs}/_base_/default_runtime.py']
model = dict(
    key_encoder=dict(backbone=dict(init_cfg=None), fusion=dict(out_channels=16), key_channels=8),
    value_encoder=dict(value_channels=8, num_blocks=1),
    head=dict(channels=(8, 8)),
    test_cfg=dict(mem_every=2, views={views}))
test_pipeline = [dict(type='LoadFrame'), dict(type='ResizeShortSide', size=48), dict(type='PackFrame')]
test_dataloader = dict(
    num_workers=0, persistent_workers=False, dataset=dict(data_root='.', pipeline=test_pipeline))
"""


def _write_split(root, videos=('ant', )):
    """Videos of four frames of 32x40; object 5 enters at the third, and no result is wanted for the second."""
    frames = [f'{5 * t:05d}' for t in range(4)]
    for video in videos:
        for t, frame in enumerate(frames):
            image = np.random.default_rng(t).integers(0, 256, (32, 40, 3), np.uint8)
            write_image(root / 'JPEGImages' / video / f'{frame}.png', image)
        for t, object_id in ((0, 2), (2, 5)):
            mask = np.zeros((32, 40), np.uint8)
            mask[4 + t:20 + t, 4 * object_id:4 * object_id + 12] = object_id
            write_mask(root / 'Annotations' / video / f'{frames[t]}.png', mask)
    objects = {'2': dict(frames=[frames[0], frames[2], frames[3]]), '5': dict(frames=frames[2:])}
    (root / 'meta.json').write_text(json.dumps(dict(videos={video: dict(objects=objects) for video in videos})))


def test_scores_of_two_runs_are_merged(tmp_path, monkeypatch):
    """The mean of a run and of its mirror image is what both views give in one run."""
    monkeypatch.chdir(tmp_path)
    _write_split(tmp_path / 'valid')
    runs = dict(plain=[dict()], flip=[dict(flip=True)], both=[dict(), dict(flip=True)])
    for name, views in runs.items():
        Path(f'{name}.py').write_text(SMALL_STCN.format(configs=REPOSITORY / 'configs', views=views))
    init_default_scope('vosreg')
    model = MODELS.build(Config.fromfile('plain.py').model)
    torch.save(dict(state_dict=model.state_dict(), meta={}), 'small.pth')
    for name in runs:
        run_tool('test', f'{name}.py', 'small.pth', '--out', f'masks/{name}', '--save-scores', f'scores/{name}',
                 '--cfg-options', f'experiment_name={name}')
    run_tool('merge-scores', 'scores/plain', 'scores/flip', '--out', 'masks/merged', '--workers', 1)

    frames = sorted(path.stem for path in Path('scores/both/ant').iterdir())
    assert frames == ['00000', '00010', '00015']
    for frame in frames:
        scores = {name: read_scores(f'scores/{name}/ant/{frame}.npz') for name in runs}
        object_ids = (2, ) if frame == '00000' else (2, 5)
        assert [ids for _, ids in scores.values()] == [object_ids] * 3
        plain, flip, both = (values.astype(float) for values, _ in scores.values())
        assert np.abs((plain + flip) / 2 - both).max() <= 1
        merged = read_mask(f'masks/merged/ant/{frame}.png')
        assert np.array_equal(merged, np.array([0, *object_ids])[(plain + flip).argmax(0)])
    run_tool('make-submission', 'plain.py', 'masks/merged', 'merged.zip')
    assert len(zipfile.ZipFile('merged.zip').namelist()) == 3


def test_two_ranks_make_one_submission(tmp_path):
    _write_split(tmp_path / 'valid', ('ant', 'bee', 'cat'))
    subprocess.run(
        [sys.executable, '-m', 'torch.distributed.run', '--standalone', '--nproc_per_node=2',
         REPOSITORY / 'tools' / 'test.py', BASELINE, '--launcher', 'pytorch', '--out', 'masks', '--zip', 'out.zip',
         '--cfg-options', 'test_dataloader.dataset.data_root=.', 'test_dataloader.num_workers=0',
         'test_dataloader.persistent_workers=False', 'env_cfg.dist_cfg.backend=gloo'],
        cwd=tmp_path, env={**os.environ, 'PYTHONPATH': str(REPOSITORY)}, check=True, capture_output=True, timeout=120)
    names = zipfile.ZipFile(tmp_path / 'out.zip').namelist()
    assert names == [f'Annotations/{video}/{frame}.png' for video in ('ant', 'bee', 'cat')
                     for frame in ('00000', '00010', '00015')]


def test_a_model_without_scores_is_named(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    config = write_config(tmp_path / 'toy.py', custom_hooks="[dict(type='SaveScoresHook', out_dir='scores')]")
    torch.save(dict(state_dict=ToyModel().state_dict(), meta={}), 'toy.pth')
    with pytest.raises(ValueError, match="frame '00000' of the video 'left' has no scores"):
        run_tool('test', config, 'toy.pth')
    with pytest.raises(SystemExit, match='ToyModel.*leave out --save-scores'):
        run_tool('test', config, 'toy.pth', '--save-scores', 'scores')
