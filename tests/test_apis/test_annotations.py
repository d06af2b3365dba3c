"""The masks that a user gives, and what is wrong with them."""
import numpy as np
import pytest
from PIL import Image
from small_video import SIZE, moving_squares, square_mask, write_first_mask, write_frames

from vosreg.apis import Annotations, Boxes, open_frames


@pytest.fixture
def frames():
    return open_frames(moving_squares(5))


@pytest.fixture
def folder(tmp_path):
    return open_frames(write_frames(tmp_path / 'bear', moving_squares(5)))


def test_one_mask_is_of_the_first_frame(frames, tmp_path):
    for mask in (square_mask(), square_mask().astype(np.int64), write_first_mask(tmp_path / 'first.png'),
                 str(tmp_path / 'first.png')):
        annotations = Annotations(mask, frames)
        assert annotations.indices == [0] and annotations.read(1, SIZE) is None
        assert (annotations.read(0, SIZE) == square_mask()).all()


def test_a_mask_with_the_name_of_a_frame_is_of_that_frame(frames, folder, tmp_path):
    path = write_first_mask(tmp_path / '00003.png')
    assert Annotations(path, frames).indices == Annotations(path, folder).indices == [3]
    assert Annotations(write_first_mask(tmp_path / '00009.png'), folder).indices == [0]


def test_several_annotated_frames(frames, folder, tmp_path):
    for index in (0, 2, 4):
        write_first_mask(tmp_path / 'masks' / f'{index:05d}.png', t=index)
    for source in (frames, folder):
        annotations = Annotations(tmp_path / 'masks', source)
        assert annotations.indices == [0, 2, 4] and (annotations.read(4, SIZE) == square_mask(4)).all()
    annotations = Annotations({3: square_mask(3), '00001': Boxes([(2, 3, 9, 9)]), 0: tmp_path / 'masks' / '00000.png'},
                              folder)
    assert annotations.indices == [0, 1, 3] and annotations.read(1, SIZE).sum() == 42
    other = Annotations({3: square_mask(3), 1: Boxes([(2, 3, 9, 8)]), 0: square_mask()}, folder)
    assert len({annotations.fingerprint(SIZE), other.fingerprint(SIZE)}) == 2


def test_black_and_white_is_one_object_and_else_white_is_unlabelled(frames):
    black_and_white = np.where(square_mask() == 1, 255, 0)
    assert (Annotations(black_and_white, frames).read(0, SIZE) == (square_mask() == 1)).all()
    with_void = square_mask()
    with_void[4:6][with_void[4:6] == 1] = 255
    read = Annotations(with_void, frames).read(0, SIZE)
    assert (read == 1).sum() == 14 * 20 and read.max() == 2
    assert (Annotations(square_mask() == 2, frames).read(0, SIZE) == (square_mask() == 2)).all()


def test_masks_of_another_size_are_resized_when_asked(frames):
    large = square_mask().repeat(2, 0).repeat(2, 1)
    assert (Annotations(large, frames, resize=True).read(0, SIZE) == square_mask()).all()


def _soft():
    return np.tile(np.linspace(0, 600, SIZE[1]).clip(0, 255).astype(np.uint8), (SIZE[0], 1))


@pytest.mark.parametrize('mask, message', [
    (np.zeros(SIZE, np.uint8), 'the mask of frame 0 of the video video shows no object'),
    (np.zeros((10, 20), np.uint8), r'the mask of frame 0 of .* is 20x10 pixels, but the frame is 64x48; .*--resize'),
    (_soft(), 'looks like a black and white mask with soft edges'),
    (np.zeros((*SIZE, 3), np.uint8), r'uint8 \[48, 64, 3\]; an index mask is \[H, W\]'),
    (np.full(SIZE, 0.5), 'float64'),
    (np.full(SIZE, 300), 'whole numbers from 0 to 255'),
    (Boxes([(0, 0, 65, 10)]), 'frame 0 of the video video: the box of object 1'),
])
def test_refused_masks(frames, mask, message):
    with pytest.raises(ValueError, match=message):
        Annotations(mask, frames).read(0, SIZE)


@pytest.mark.parametrize('masks, error, message', [
    ('nowhere.png', FileNotFoundError, 'no such mask or folder of masks: nowhere.png'),
    ({}, ValueError, 'no mask is given for the video bear'),
    ({5: square_mask()}, ValueError, 'for the frame 5, which the video bear does not have; .* 00000 to 00004'),
    ({'cat': square_mask()}, ValueError, "for the frame 'cat'"),
    ({-1: square_mask()}, ValueError, 'for the frame -1'),
    ({3: square_mask(), '00003': square_mask(ids=(5, 6))}, ValueError,
     "two masks are given for frame .*bear/00003.png, as 3 and as '00003'; give one mask with all its objects"),
])
def test_masks_of_no_frame(folder, masks, error, message):
    with pytest.raises(error, match=message):
        Annotations(masks, folder)


def test_errors_name_the_files(folder, tmp_path):
    path = write_first_mask(tmp_path / '00002.png', ids=())
    with pytest.raises(ValueError, match=r'the mask of frame .*bear/00002.png, .*/00002.png, shows no object'):
        Annotations(path, folder).read(2, SIZE)
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (*SIZE, 3), np.uint8)).save(path)
    with pytest.raises(ValueError, match='00002.png holds colours, not object ids'):
        Annotations(path, folder).read(2, SIZE)


def test_jpegs_and_empty_folders_are_refused(frames, tmp_path):
    Image.fromarray(square_mask()).save(tmp_path / 'first.jpg')
    with pytest.raises(ValueError, match=r'first\.jpg is a JPEG, whose compression changes the ids'):
        Annotations(tmp_path / 'first.jpg', frames).read(0, SIZE)
    (tmp_path / 'empty').mkdir()
    with pytest.raises(ValueError, match=r'no masks in the folder .*empty; they are PNGs named as their frames'):
        Annotations(tmp_path / 'empty', frames)
