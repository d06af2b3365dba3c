"""Frames and masks from files, and what is wrong with them."""
import numpy as np
import pytest
from PIL import Image

from vosreg.datasets.transforms import LoadClip, LoadFrame
from vosreg.fileio import UnreadableImageError, read_image, write_image, write_mask


@pytest.fixture
def video(davis_tree):
    """The listing of the sequence bear."""
    return dict(
        video='bear',
        num_frames=5,
        frame_paths=[str(davis_tree.frame('bear', i)) for i in range(5)],
        mask_paths=[str(davis_tree.mask('bear', i)) for i in range(5)],
        given=[0])


def _clip(video, frame_ids=(0, 3, 2), **changes):
    return LoadClip()({**video, 'frame_ids': list(frame_ids), **changes})


def _frame(video, index, load_frame=None, **changes):
    return (load_frame or LoadFrame())({**video, 'frame_index': index, **changes})


def test_a_clip_is_loaded_as_on_disk(video, make_mask):
    results = _clip(video)
    assert [image.shape for image in results['images']] == 3 * [(24, 32, 3)]
    assert np.array_equal(results['images'][1], read_image(video['frame_paths'][3]))
    assert all(np.array_equal(mask, make_mask((1, 2))) for mask in results['masks'])


def test_void_and_merged_objects(video, make_mask):
    write_mask(video['mask_paths'][0], make_mask((255, 7)))
    assert np.array_equal(_clip(video)['masks'][0], make_mask((0, 7)))
    assert np.array_equal(_clip(video, merge_objects=True)['masks'][0], make_mask((1, 1)))


def test_a_frame_with_its_masks(video, make_mask):
    first, later = _frame(video, 0), _frame(video, 4)
    assert first['ori_shape'] == (24, 32)
    assert np.array_equal(first['given_mask'], make_mask((1, 2)))
    assert np.array_equal(first['gt_mask'], make_mask((1, 2)))
    assert 'given_mask' not in later and 'gt_mask' in later
    assert first['object_ids'] == later['object_ids'] == (1, 2)


def test_ground_truth_is_left_alone_when_nobody_needs_it(video):
    write_mask(video['mask_paths'][2], np.zeros((3, 3)))
    results = _frame(video, 2, LoadFrame(with_gt=False))
    assert 'gt_mask' not in results and results['image'].shape == (24, 32, 3)


def test_object_ids_follow_the_video(video, davis_tree):
    load_frame = LoadFrame()
    camel = {**video, 'video': 'camel', 'mask_paths': [str(davis_tree.mask('camel', i)) for i in range(5)]}
    ids = [_frame(which, 1, load_frame)['object_ids'] for which in (video, camel, video)]
    assert ids == [(1, 2), (1, ), (1, 2)]


def test_an_empty_first_mask_names_video_and_file(video, make_mask):
    write_mask(video['mask_paths'][0], make_mask(()))
    with pytest.raises(ValueError, match=r"first mask of the video 'bear' shows no object: .*bear/00000\.png"):
        _frame(video, 0)


def test_an_object_that_no_given_mask_introduces_is_named(video, make_mask):
    write_mask(video['mask_paths'][3], make_mask((1, 9, 255)))
    with pytest.raises(ValueError, match=r"frame 3 of the video 'bear' holds the object ids \[9\].*\[1, 2\].*00003"):
        _frame(video, 3)


def test_a_later_given_mask_introduces_its_object(video, make_mask):
    write_mask(video['mask_paths'][2], make_mask((0, 0, 9)))
    write_mask(video['mask_paths'][3], make_mask((1, 2, 9)))
    assert _frame(video, 3, given=[0, 2])['object_ids'] == (1, 2, 9)


@pytest.mark.parametrize('load', [_clip, lambda video: _frame(video, 3)])
def test_a_mask_of_another_size_names_both_sizes(video, load):
    write_mask(video['mask_paths'][3], np.ones((24, 40)))
    with pytest.raises(ValueError, match=r'bear/00003\.png is 40x24 pixels, but its frame is 32x24'):
        load(video)


@pytest.mark.parametrize('load', [_clip, lambda video: _frame(video, 3)])
def test_a_truncated_or_missing_frame_is_named(video, load, davis_tree):
    path = davis_tree.frame('bear', 3)
    path.write_bytes(path.read_bytes()[:300])
    with pytest.raises(UnreadableImageError, match=r'bear/00003\.jpg'):
        load(video)
    path.unlink()
    with pytest.raises(FileNotFoundError, match=r'bear/00003\.jpg'):
        load(video)


@pytest.mark.parametrize('load', [_clip, lambda video: _frame(video, 3)])
def test_a_truncated_or_missing_mask_is_named(video, load, davis_tree):
    path = davis_tree.mask('bear', 3)
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(UnreadableImageError, match=r'bear/00003\.png'):
        load(video)
    path.unlink()
    with pytest.raises(FileNotFoundError, match=r'bear/00003\.png'):
        load(video)


def test_a_frame_with_data_behind_its_end_is_read(video, davis_tree):
    """Some cameras append data of their own."""
    before = _frame(video, 3)['image']
    path = davis_tree.frame('bear', 3)
    path.write_bytes(path.read_bytes() + b'data of the camera')
    assert np.array_equal(_frame(video, 3)['image'], before)


def test_a_frame_of_another_size_is_named(video):
    write_image(video['frame_paths'][3], np.zeros((16, 32, 3), np.uint8))
    with pytest.raises(ValueError, match=r"bear/00003\.jpg is 32x16 pixels, but others of the video 'bear' are 32x24"):
        _clip(video)


def test_a_jpeg_is_a_mask_of_dark_and_bright_only(video, make_mask):
    Image.fromarray(make_mask((0, 200))).save(video['mask_paths'][0], format='JPEG')
    for options in ({}, dict(merge_objects=True)):
        with pytest.raises(ValueError, match=r'bear/00000\.png is a JPEG, whose compression changes the ids'):
            _clip(video, **options)
    label_ids = (np.arange(256) > 127).astype(np.uint8)
    assert np.array_equal(_clip(video, (0, ), label_ids=label_ids)['masks'][0], make_mask((0, 1)))
