"""Any folder of frames with a mask."""
import numpy as np
import pytest

from vosreg.datasets import VideoFolderDataset
from vosreg.datasets.transforms import LoadClip, LoadFrame, PackClip, PackFrame, SampleFrames, SelectObjects
from vosreg.fileio import write_mask


def _stream(*args, **kwargs):
    return VideoFolderDataset(*args, test_mode=True, pipeline=[LoadFrame(), PackFrame()], **kwargs)


def test_one_video_and_a_mask_file(tmp_path, make_frames, make_mask):
    make_frames(tmp_path / 'cat', 3, names=['frame2.png', 'frame10.png', 'frame1.png'])
    write_mask(tmp_path / 'mask.png', make_mask((3, )))
    samples = [item['data_samples'] for item in _stream(tmp_path / 'cat', tmp_path / 'mask.png')]
    assert [sample.frame_name for sample in samples] == ['frame1', 'frame2', 'frame10']
    assert [sample.video for sample in samples] == 3 * ['cat']
    assert ['given_mask' in sample for sample in samples] == [True, False, False]
    assert [sample.object_ids for sample in samples] == 3 * [(3, )]


def test_a_mask_file_with_the_name_of_a_frame_belongs_to_it(tmp_path, make_frames, make_mask):
    make_frames(tmp_path / 'cat', 3)
    write_mask(tmp_path / '00001.png', make_mask((1, )))
    assert _stream(tmp_path / 'cat', tmp_path / '00001.png').get_data_info(0)['given'] == [1]


def test_many_videos_with_later_objects(tmp_path, make_frames, make_mask):
    for video in ('b10', 'b9'):
        make_frames(tmp_path / 'frames' / video, 4)
        write_mask(tmp_path / 'masks' / video / '00000.png', make_mask((1, )))
    write_mask(tmp_path / 'masks' / 'b9' / '00002.png', make_mask((0, 2)))
    dataset = _stream(tmp_path / 'frames', tmp_path / 'masks')
    assert [dataset.get_data_info(i)['video'] for i in range(dataset.num_videos)] == ['b9', 'b10']
    samples = [item['data_samples'] for item in dataset]
    assert [i for i, sample in enumerate(samples) if 'given_mask' in sample] == [0, 2, 4]
    assert samples[3].object_ids == (1, 2) and samples[4].object_ids == (1, )
    assert np.array_equal(samples[2].given_mask.numpy(), make_mask((0, 2)))


def test_one_mask_file_is_not_that_of_many_videos(tmp_path, make_frames, make_mask):
    for video in ('a', 'b'):
        make_frames(tmp_path / 'frames' / video, 2)
    write_mask(tmp_path / 'mask.png', make_mask((1, )))
    with pytest.raises(ValueError, match=r'mask\.png is one mask, but .*frames holds 2 videos'):
        _stream(tmp_path / 'frames', tmp_path / 'mask.png')
    assert _stream(tmp_path / 'frames', tmp_path / 'mask.png', videos=['b']).num_videos == 1


def test_a_video_is_tested_once(tmp_path, make_frames, make_mask):
    """Else it is noticed when all frames are segmented that there are fewer results than frames."""
    make_frames(tmp_path / 'frames' / 'a', 2)
    write_mask(tmp_path / 'masks' / 'a' / '00000.png', make_mask((1, )))
    with pytest.raises(ValueError, match="has 2 videos of the name 'a'; list each video once"):
        _stream(tmp_path / 'frames', tmp_path / 'masks', videos=['a', 'a']).full_init()


def test_ground_truth_of_its_own(tmp_path, make_frames, make_mask):
    make_frames(tmp_path / 'frames' / 'dog', 3)
    write_mask(tmp_path / 'masks' / 'dog' / '00000.png', make_mask((1, )))
    for index in range(3):
        write_mask(tmp_path / 'truth' / 'dog' / f'{index:05d}.png', make_mask((0, 1)))
    roots = (tmp_path / 'frames', tmp_path / 'masks', tmp_path / 'truth')
    samples = [item['data_samples'] for item in _stream(*roots)]
    assert ['given_mask' in sample for sample in samples] == [True, False, False]
    assert np.array_equal(samples[0].given_mask.numpy(), make_mask((1, )))
    assert all(np.array_equal(sample.gt_mask.numpy(), make_mask((0, 1))) for sample in samples)

    pipeline = [SampleFrames(num_frames=3), LoadClip(), SelectObjects(), PackClip()]
    clip = VideoFolderDataset(*roots, pipeline=pipeline)[0]
    assert clip['inputs'].shape == (3, 3, 24, 32)
    assert np.array_equal(clip['data_samples'].masks[2].numpy(), make_mask((0, 1)))


def test_black_and_white_masks(tmp_path, make_frames, make_mask):
    make_frames(tmp_path / 'cat', 2)
    write_mask(tmp_path / 'mask.png', make_mask((255, )))
    with pytest.raises(ValueError, match=r"first mask of the video 'cat' shows no object: .*mask\.png.*merge_objects"):
        _stream(tmp_path / 'cat', tmp_path / 'mask.png')[1]
    sample = _stream(tmp_path / 'cat', tmp_path / 'mask.png', merge_objects=True)[0]['data_samples']
    assert np.array_equal(sample.given_mask.numpy(), make_mask((1, )))


def test_a_video_without_masks_is_named(tmp_path, make_frames, make_mask):
    for video in ('cat', 'dog'):
        make_frames(tmp_path / 'frames' / video, 2)
    write_mask(tmp_path / 'masks' / 'cat' / '00000.png', make_mask((1, )))
    with pytest.raises(FileNotFoundError, match=r"'dog' has no mask: .*masks/dog should hold.*00000\.png"):
        _stream(tmp_path / 'frames', tmp_path / 'masks')


def test_a_mask_of_no_frame_is_named(tmp_path, make_frames, make_mask):
    make_frames(tmp_path / 'frames' / 'dog', 2)
    write_mask(tmp_path / 'masks' / 'dog' / 'first.png', make_mask((1, )))
    with pytest.raises(ValueError, match=r'1 masks have the name of no frame, the first is .*masks/dog/first\.png'):
        _stream(tmp_path / 'frames', tmp_path / 'masks')


def test_no_frames(tmp_path):
    with pytest.raises(FileNotFoundError, match='no folder of frames at .*nothing'):
        _stream(tmp_path / 'nothing', tmp_path)
    (tmp_path / 'empty').mkdir()
    with pytest.raises(ValueError, match='found no video under .*empty'):
        _stream(tmp_path / 'empty', tmp_path)


def test_real_videos(clips_root):
    root = clips_root / 'YouTubeVOS' / 'valid'
    dataset = _stream(root / 'JPEGImages', root / 'Annotations')
    videos = [dataset.get_data_info(i) for i in range(dataset.num_videos)]
    assert {video['video']: (video['num_frames'], video['given']) for video in videos} == {
        '1001_3iEIq5HBY1s': (45, [0]),
        '1007_YCTBBdbKSSg': (44, [0]),
        'caps': (87, [0, 14, 33, 43, 66]),
        'late-objects': (40, [0, 10]),
    }
    late = dataset[len(dataset) - 30]['data_samples']
    assert (late.video, late.frame_index, late.object_ids) == ('late-objects', 10, (1, 2, 3, 4, 5, 6, 7))
    assert late.given_mask.unique().tolist() == [0, 5, 6, 7]


def test_each_object_is_given_in_the_first_mask_that_shows_it(tmp_path, make_frames, make_mask):
    make_frames(tmp_path / 'frames' / 'cat', 4)
    for index, ids in enumerate([(1, ), (1, 2, 255), (0, 2), (1, 2, 5)]):
        write_mask(tmp_path / 'masks' / 'cat' / f'{index:05d}.png', make_mask(ids))
    masks = tmp_path / 'masks'
    samples = [item['data_samples'] for item in _stream(
        tmp_path / 'frames', masks, annotations_root=masks, given='first')]
    assert [i for i, sample in enumerate(samples) if 'given_mask' in sample] == [0, 1, 3]
    assert np.array_equal(samples[1].given_mask.numpy(), make_mask((0, 2)))
    assert np.array_equal(samples[3].given_mask.numpy(), make_mask((0, 0, 5)))
    assert np.array_equal(samples[3].gt_mask.numpy(), make_mask((1, 2, 5)))
    assert samples[0].object_ids == (1, 2, 5)
    merged = _stream(tmp_path / 'frames', masks, given='first', merge_objects=True)
    assert merged.get_data_info(0)['given_objects'] == {0: (1, )}

    for index in range(4):
        write_mask(masks / 'cat' / f'{index:05d}.png', make_mask(()))
    with pytest.raises(ValueError, match=r"no mask of the video 'cat' shows an object.*cat/00000\.png"):
        _stream(tmp_path / 'frames', masks, given='first')
    with pytest.raises(ValueError, match="not 'last'"):
        _stream(tmp_path / 'frames', masks, given='last')


def test_a_list_of_videos_in_folders(tmp_path, make_frames, make_mask):
    for video in ('a', 'b', 'c'):
        make_frames(tmp_path / 'frames' / video, 2)
        write_mask(tmp_path / 'masks' / video / '00000.png', make_mask((1, )))
    (tmp_path / 'val.txt').write_text('c\na\n')
    dataset = _stream(tmp_path / 'frames', tmp_path / 'masks', videos=str(tmp_path / 'val.txt'))
    assert [dataset.get_data_info(i)['video'] for i in range(dataset.num_videos)] == ['c', 'a']
    with pytest.raises(FileNotFoundError, match="the video 'd' has no frames"):
        _stream(tmp_path / 'frames', tmp_path / 'masks', videos=['d'])
