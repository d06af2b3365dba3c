"""Masks in all the forms that PNG files have, damaged headers, and disks that are full."""
import resource
import signal
import struct
import zlib

import cv2
import numpy as np
import pytest
from PIL import Image

from vosreg.fileio import UnreadableImageError, read_image, read_mask, write_image, write_mask

IDS = np.repeat(np.array([[0, 1, 200]], np.uint8), 4, axis=0)


@pytest.mark.parametrize('depth', [np.uint8, np.uint16])
@pytest.mark.parametrize('channels', [1, 3, 4])
def test_ids_are_read_from_every_kind_of_png(tmp_path, depth, channels):
    mask = np.stack([IDS.astype(depth)] * channels, axis=-1)
    if channels == 4:
        mask[..., 3] = np.iinfo(depth).max
    cv2.imwrite(str(tmp_path / 'mask.png'), mask)
    assert (read_mask(tmp_path / 'mask.png') == IDS).all()


def test_grey_with_alpha_and_transparent_palettes(tmp_path):
    Image.fromarray(np.stack([IDS, np.full_like(IDS, 255)], axis=-1), 'LA').save(tmp_path / 'grey.png')
    palette = Image.fromarray(IDS, 'P')
    palette.putpalette(list(range(256)) * 3)
    palette.save(tmp_path / 'palette.png', transparency=0)
    assert (read_mask(tmp_path / 'grey.png') == IDS).all() and (read_mask(tmp_path / 'palette.png') == IDS).all()


@pytest.mark.parametrize('channels', [1, 3])
def test_ids_above_255_are_refused(tmp_path, channels):
    cv2.imwrite(str(tmp_path / 'mask.png'), np.full((4, 5, channels), 256, np.uint16))
    with pytest.raises(ValueError, match=r'mask\.png holds the id 256; ids go up to 255'):
        read_mask(tmp_path / 'mask.png')


@pytest.mark.parametrize('name', ['mask.jpg', 'mask.png'])
def test_a_jpeg_is_no_mask_whatever_it_is_called(tmp_path, name):
    Image.fromarray(IDS).save(tmp_path / name, format='JPEG')
    with pytest.raises(ValueError, match=f'{name} is a JPEG, whose compression changes the ids'):
        read_mask(tmp_path / name)
    assert read_mask(tmp_path / name, lossy=True).shape == IDS.shape


def test_a_header_of_a_huge_image_is_damage_of_the_named_file(tmp_path):
    png = bytearray(cv2.imencode('.png', IDS)[1].tobytes())
    header = b'IHDR' + struct.pack('>IIBBBBB', 40000, 40000, 8, 0, 0, 0, 0)
    png[12:33] = header + struct.pack('>I', zlib.crc32(header))
    (tmp_path / 'huge.png').write_bytes(bytes(png))
    for read in (read_image, read_mask):
        with pytest.raises(UnreadableImageError, match=r'cannot decode the .* .*huge\.png'):
            read(tmp_path / 'huge.png')


@pytest.mark.parametrize('mask', [np.full((2, 2), 300), np.full((2, 2), -1), np.full((2, 2), 0.7)])
def test_values_that_are_no_ids_are_not_written(tmp_path, mask):
    with pytest.raises(ValueError, match=rf'mask\.png is {mask.dtype} with values from'):
        write_mask(tmp_path / 'mask.png', mask)
    assert not list(tmp_path.iterdir())
    write_mask(tmp_path / 'mask.png', IDS.astype(np.int64))
    assert (read_mask(tmp_path / 'mask.png') == IDS).all()


@pytest.fixture
def small_files_only():
    """As on a full disk, no file gets beyond 1000 bytes."""
    handler, limits = signal.signal(signal.SIGXFSZ, signal.SIG_IGN), resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limits[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    signal.signal(signal.SIGXFSZ, handler)


def test_a_full_disk_names_the_file_and_leaves_what_was_there(tmp_path, small_files_only):
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)
    for name, write, picture in (('mask.png', write_mask, noise[..., 0]), ('frame.jpg', write_image, noise)):
        (tmp_path / name).write_bytes(b'before')
        with pytest.raises(OSError, match=name):
            write(tmp_path / name, picture)
        assert (tmp_path / name).read_bytes() == b'before'
    assert len(list(tmp_path.iterdir())) == 2
