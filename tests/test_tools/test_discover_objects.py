"""The tool that discovers the objects of a data set beforehand: what it writes, resumes and draws."""
import json
import os
import subprocess
import sys

import cv2
import numpy as np
import pytest
from golden import REPOSITORY

from vosreg.datasets import VideoFolderDataset
from vosreg.datasets.discovery import HierarchicalGrouping, frame_proposals
from vosreg.fileio import read_image, write_image, write_mask


@pytest.fixture
def frames(tmp_path):
    """Two videos of a disc and a square that move."""
    for name, colour in (('cat', (230, 40, 40)), ('dog', (40, 230, 40))):
        for t in range(3):
            image = np.full((60, 80, 3), 150, np.uint8)
            cv2.circle(image, (20 + 4 * t, 20), 12, colour, -1)
            cv2.rectangle(image, (50, 25 + 3 * t), (70, 45 + 3 * t), (40, 40, 230), -1)
            write_image(tmp_path / 'frames' / name / f'{t:05d}.png', image)
    return tmp_path / 'frames'


def run(tool, *arguments):
    environment = dict(os.environ, OMP_NUM_THREADS='1', PYTHONPATH=str(REPOSITORY))
    return subprocess.run([sys.executable, str(REPOSITORY / 'tools' / tool), *map(str, arguments)],
                          env=environment, capture_output=True, text=True)


def discover(*arguments):
    result = run('dataset_converters/discover_objects.py', *arguments, '--workers', 2)
    assert result.returncode == 0, result.stderr[-3000:]
    return result.stdout


def test_a_folder_is_discovered_once(frames, tmp_path):
    out = tmp_path / 'out'
    assert 'wrote 2 files' in discover(frames, '--out', out)
    assert sorted(path.name for path in out.iterdir()) == ['cat.json', 'dog.json']
    video = VideoFolderDataset(frames).get_data_info(1)
    for index in range(3):
        expected = HierarchicalGrouping()(read_image(video['frame_paths'][index]))
        assert expected.any()
        assert np.array_equal(frame_proposals(out / 'dog.json', video, index, (60, 80)), expected)

    before = (out / 'dog.json').stat().st_mtime_ns
    (out / 'cat.json').unlink()
    assert 'wrote 1 files to' in discover(frames, '--out', out)
    assert (out / 'dog.json').stat().st_mtime_ns == before

    write_image(frames / 'dog' / '00003.png', np.zeros((60, 80, 3), np.uint8))
    assert 'wrote 1 files to' in discover(frames, '--out', out)
    assert 'wrote 2 files to' in discover(frames, '--out', out, '--discoverer', 'max_regions=1')
    content = json.loads((out / 'dog.json').read_text())
    assert [len(frame['regions']) for frame in content['frames'].values()] == [1, 1, 1, 0]


def test_a_config_with_annotations_and_a_drawing(frames, tmp_path):
    mask = np.zeros((60, 80), np.uint8)
    mask[5:35, 5:35] = 1
    for name in ('cat', 'dog'):
        for t in range(3):
            write_mask(tmp_path / 'masks' / name / f'{t:05d}.png', mask)
    out = tmp_path / 'out'
    config = tmp_path / 'config.py'
    config.write_text(f"""
default_scope = 'vosreg'
train_dataloader = dict(dataset=dict(
    type='VideoFolderDataset', frames_root='{frames}', masks_root='{tmp_path / 'masks'}',
    annotations_root='{tmp_path / 'masks'}',
    pipeline=[dict(type='SampleFrames'), dict(type='LoadClip'), dict(type='LoadProposals', root='{out}'),
              dict(type='PackClip')]))
""")
    discover(config, '--out', out)
    video = VideoFolderDataset(frames).get_data_info(0)
    regions = frame_proposals(out / 'cat.json', video, 0, (60, 80))
    assert regions[20, 20] == 0 < regions[35, 60]
    assert 'wrote 2 files' in discover(config, '--out', out, '--no-annotations')
    # A new file, since a process keeps those it has read.
    (out / 'cat.json').rename(out / 'all.json')
    assert frame_proposals(out / 'all.json', video, 0, (60, 80))[20, 20] > 0
    (out / 'all.json').rename(out / 'cat.json')

    result = run('analysis_tools/browse_dataset.py', config, '--out', tmp_path / 'drawings', '--number', 2)
    assert result.returncode == 0, result.stderr[-3000:]
    picture = read_image(tmp_path / 'drawings' / '00001.png')[-180:]
    assert picture.shape == (180, 240, 3)
    frame, masks, proposals = picture[:60], picture[60:120], picture[120:]
    assert (frame != masks).any() and (frame != proposals).any() and (masks != proposals).any()


def test_two_videos_of_one_name(frames, tmp_path):
    write_image(tmp_path / 'others' / 'cat' / '00000.png', np.zeros((60, 80, 3), np.uint8))
    config = tmp_path / 'config.py'
    config.write_text(f"""
parts = [dict(type='VideoFolderDataset', frames_root=root) for root in ('{frames}', '{tmp_path / 'others'}')]
train_dataloader = dict(dataset=dict(type='MixedVideoDataset', datasets=parts))
""")
    result = run('dataset_converters/discover_objects.py', config, '--out', tmp_path / 'out')
    assert result.returncode == 1 and "error: there are two videos 'cat'" in result.stderr
