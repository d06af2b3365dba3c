"""tools/dataset_converters/tracks_to_masks.py on small files of both formats."""
import json
import subprocess
import sys

import numpy as np
import pytest
from golden import REPOSITORY

from vosreg.datasets import VideoFolderDataset
from vosreg.fileio import encode_mask, read_mask, write_image


def convert(*arguments):
    command = [sys.executable, REPOSITORY / 'tools' / 'dataset_converters' / 'tracks_to_masks.py', *arguments]
    return subprocess.run(list(map(str, command)), capture_output=True, text=True)


def boxes():
    """A large object, and a small one that lies on it."""
    large, small = np.zeros((2, 20, 30), bool)
    large[2:15, 3:25], small[5:8, 5:9] = True, True
    return large, small


@pytest.fixture
def ovis():
    large, small = map(encode_mask, boxes())
    runs = np.flatnonzero(np.diff(np.concatenate([[0], boxes()[0].ravel(order='F'), [1 - boxes()[0][-1, -1]]])))
    plain = dict(size=[20, 30], counts=np.diff(runs, prepend=0).tolist())
    return dict(
        videos=[dict(id=5, height=20, width=30, file_names=[f'cat/img_{index}.jpg' for index in (1, 2, 3)]),
                dict(id=6, height=20, width=30, file_names=['dog/img_1.jpg'])],
        annotations=[dict(id=300, video_id=5, segmentations=[small, None, None]),
                     dict(id=40, video_id=5, segmentations=[large, plain, None])])


@pytest.fixture
def burst():
    large, small = (encode_mask(mask)['counts'] for mask in boxes())
    return dict(sequences=[dict(
        dataset='HACS', seq_name='cat', height=20, width=30,
        all_image_paths=[f'img_{index}.jpg' for index in (1, 2, 3)], annotated_image_paths=['img_1.jpg', 'img_3.jpg'],
        segmentations=[{'4': dict(rle=large), '30': dict(rle=small)}, {'4': dict(rle=large)}])])


def expected():
    large, small = boxes()
    both = large.astype(np.uint8)
    both[small] = 2
    return both, large.astype(np.uint8)


def test_ovis(ovis, tmp_path):
    (tmp_path / 'train.json').write_text(json.dumps(ovis))
    out = tmp_path / 'masks' / 'train'
    assert 'wrote 4 masks of 2 videos' in convert(tmp_path / 'train.json', out).stdout
    both, large = expected()
    assert np.array_equal(read_mask(out / 'cat' / 'img_1.png'), both)
    assert np.array_equal(read_mask(out / 'cat' / 'img_2.png'), large)
    assert not read_mask(out / 'cat' / 'img_3.png').any() and not read_mask(out / 'dog' / 'img_1.png').any()
    assert (tmp_path / 'masks' / 'train.txt').read_text() == 'cat\ndog\n'
    (out / 'cat' / 'img_2.png').unlink()
    assert 'wrote 1 masks' in convert(tmp_path / 'train.json', out).stdout


def test_burst_as_a_data_set(burst, tmp_path):
    (tmp_path / 'train.json').write_text(json.dumps(burst))
    convert(tmp_path / 'train.json', tmp_path / 'masks' / 'train')
    for index in (1, 2, 3):
        write_image(tmp_path / 'frames' / 'HACS' / 'cat' / f'img_{index}.jpg', np.zeros((20, 30, 3), np.uint8))
    masks = tmp_path / 'masks' / 'train'
    video = VideoFolderDataset(
        tmp_path / 'frames', masks, annotations_root=masks, videos=str(tmp_path / 'masks' / 'train.txt'), given='first',
        test_mode=True).get_data_info(0)
    assert (video['video'], video['num_frames'], video['given']) == ('HACS/cat', 3, [0])
    assert video['mask_paths'][1] is None
    for index, mask in zip((0, 2), expected()):
        assert np.array_equal(read_mask(video['mask_paths'][index]), mask)


def test_errors_name_the_place(ovis, tmp_path):
    path = tmp_path / 'train.json'
    ovis['annotations'][0]['segmentations'][0]['counts'] = 'abc'
    path.write_text(json.dumps(ovis))
    assert 'error: the video cat, frame img_1: run lengths' in convert(path, tmp_path / 'out').stderr
    ovis['annotations'][0]['segmentations'].pop()
    path.write_text(json.dumps(ovis))
    assert 'the video cat has 3 frames, but its object 300 has masks for 2' in convert(path, tmp_path / 'out').stderr
    path.write_text('{"images": []}')
    assert "neither a file of OVIS nor of BURST: it has no 'annotations'" in convert(path, tmp_path / 'out').stderr
