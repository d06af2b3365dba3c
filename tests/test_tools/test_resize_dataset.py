"""tools/dataset_converters/resize_dataset.py on small trees."""
import subprocess
import sys

import cv2
import numpy as np
import pytest
from golden import REPOSITORY
from PIL import Image
from skimage import data

from vosreg.fileio import read_image, read_mask, write_image, write_mask


def resize(*arguments):
    command = [sys.executable, REPOSITORY / 'tools' / 'dataset_converters' / 'resize_dataset.py', *arguments]
    return subprocess.run(list(map(str, command)), capture_output=True, text=True)


@pytest.fixture
def tree(tmp_path):
    """Two videos, one upright, one lying, with ids that no interpolation may mix, and a meta.json."""
    root = tmp_path / 'train'
    for video, size in (('a', (144, 256)), ('b', (256, 144))):
        write_image(root / 'JPEGImages' / video / '00000.jpg', cv2.resize(data.coffee(), size[::-1]))
        mask = np.zeros(size, np.uint8)
        mask[40:100, 20:80], mask[60:, 90:] = 7, 200
        write_mask(root / 'Annotations' / video / '00000.png', mask)
    (root / 'meta.json').write_text('{"videos": {}}')
    return root


def test_a_copy_that_is_finished_later(tree, tmp_path):
    out = tmp_path / 'train_48p'
    assert 'wrote 5 files' in resize(tree, out, '--short-side', 48).stdout
    assert read_image(out / 'JPEGImages' / 'a' / '00000.jpg').shape == (48, 85, 3)
    assert read_image(out / 'JPEGImages' / 'b' / '00000.jpg').shape == (85, 48, 3)
    mask = read_mask(out / 'Annotations' / 'a' / '00000.png', (48, 85))
    assert set(np.unique(mask)) == {0, 7, 200}
    expected = cv2.resize(read_mask(tree / 'Annotations' / 'a' / '00000.png'), (85, 48),
                          interpolation=cv2.INTER_NEAREST_EXACT)
    assert (mask == expected).mean() > 0.99
    with Image.open(out / 'Annotations' / 'a' / '00000.png') as image, \
            Image.open(tree / 'Annotations' / 'a' / '00000.png') as original:
        assert image.mode == 'P' and image.getpalette() == original.getpalette()
    assert (out / 'meta.json').read_text() == '{"videos": {}}'

    done = out / 'JPEGImages' / 'a' / '00000.jpg'
    before = done.stat().st_mtime_ns
    (out / 'Annotations' / 'b' / '00000.png').unlink()
    assert 'wrote 1 files' in resize(tree, out, '--short-side', 48).stdout
    assert done.stat().st_mtime_ns == before
    assert not list(out.rglob('.*'))


def test_grey_masks_of_static_images_are_averaged(tmp_path):
    tmp_path /= 'masks'  # What the data set lies in does not tell what it is.
    mask = np.zeros((96, 96, 3), np.uint8)
    mask[:, :49] = 255
    write_image(tmp_path / 'big' / 'x.png', mask)
    Image.fromarray(mask[..., 0]).save(tmp_path / 'big' / 'y.png')
    assert resize(tmp_path / 'big', tmp_path / 'small', '--short-side', 48, '--filter', 'box').returncode == 0
    for name in ('x', 'y'):
        row = read_mask(tmp_path / 'small' / f'{name}.png')[0]
        assert (row[:24] == 255).all() and abs(int(row[24]) - 128) <= 1 and not row[25:].any()


@pytest.mark.parametrize('mode', ['L', 'RGB'])
def test_grey_masks_of_videos_keep_their_ids(tree, tmp_path, mode):
    path = tree / 'Annotations' / 'a' / '00000.png'
    Image.fromarray(read_mask(path)).convert(mode).save(path)
    for number, source in enumerate((tree, path.parents[1])):
        out = tmp_path / f'small{number}'
        assert resize(source, out, '--short-side', 48).returncode == 0
        mask = read_mask(out / path.relative_to(source), (48, 85))
        assert set(np.unique(mask)) == {0, 7, 200}


def test_a_broken_file_is_named_and_left_out(tree, tmp_path):
    broken = tree / 'JPEGImages' / 'b' / '00000.jpg'
    broken.write_bytes(broken.read_bytes()[:500])
    result = resize(tree, tmp_path / 'out')
    assert result.returncode == 1 and f'error: cannot resize {broken}' in result.stderr
    assert not (tmp_path / 'out' / 'JPEGImages' / 'b' / '00000.jpg').exists()


def test_the_copy_must_lie_elsewhere(tree):
    result = resize(tree, tree / 'small')
    assert result.returncode == 1 and 'lies inside' in result.stderr
