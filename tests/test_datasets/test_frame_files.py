"""Folders of frames."""
import pytest

from vosreg.datasets.frame_files import list_folders, list_images


def _touch(folder, *names):
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / name).touch()


def test_numbers_in_names_count_as_numbers(tmp_path):
    _touch(tmp_path, 'frame10.jpg', 'frame9.jpg', 'frame1.jpg', 'frame100.jpg')
    assert list(list_images(tmp_path)) == ['frame1', 'frame9', 'frame10', 'frame100']


def test_names_that_mix_digits_and_letters_can_be_compared(tmp_path):
    _touch(tmp_path, 'a.png', '1.png', 'a1b.png', '01.png', 'a1.png')
    assert list(list_images(tmp_path)) == ['01', '1', 'a', 'a1', 'a1b']


def test_only_images_are_listed(tmp_path):
    _touch(tmp_path, '0.jpg', '1.JPEG', '2.png', '3.bmp', '4.webp', '._0.jpg', 'notes.txt', 'Thumbs.db')
    (tmp_path / 'folder.jpg.d').mkdir()
    assert list(list_images(tmp_path)) == ['0', '1', '2', '3', '4']


def test_a_frame_in_two_formats_is_refused(tmp_path):
    _touch(tmp_path, '00000.jpg', '00000.png')
    with pytest.raises(ValueError, match=r"00000\.(jpg|png).*both frame '00000'"):
        list_images(tmp_path)


def test_a_missing_folder_has_no_images(tmp_path):
    assert list_images(tmp_path / 'nothing') == {}


def test_folders_are_in_natural_order(tmp_path):
    for name in ('video10', 'video2', '.cache'):
        (tmp_path / name).mkdir()
    _touch(tmp_path, 'readme.md')
    assert list_folders(tmp_path) == ['video2', 'video10']
