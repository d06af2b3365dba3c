"""DAVIS 2016 and 2017."""
import numpy as np
import pytest

from vosreg.datasets import DAVISDataset
from vosreg.datasets.transforms import LoadFrame, PackFrame
from vosreg.fileio import read_mask, write_mask
from vosreg.structures import WantedResults


def _stream(root, **kwargs):
    return DAVISDataset(str(root), test_mode=True, pipeline=[LoadFrame(), PackFrame()], **kwargs)


def test_lists_the_split_in_order(davis_tree):
    dataset = DAVISDataset(davis_tree.root, split='val')
    assert dataset.num_videos == len(dataset) == 2
    bear, camel = (dataset.get_data_info(i) for i in range(2))
    assert (bear['video'], bear['num_frames'], camel['video'], camel['num_frames']) == ('bear', 5, 'camel', 7)
    assert bear['frame_paths'][3] == str(davis_tree.frame('bear', 3))
    assert bear['mask_paths'][3] == str(davis_tree.mask('bear', 3))
    assert bear['given'] == [0]


def test_videos_take_the_place_of_the_split(davis_tree):
    dataset = DAVISDataset(davis_tree.root, split='no such split', videos=['camel'])
    assert [dataset.get_data_info(i)['video'] for i in range(len(dataset))] == ['camel']


def test_videos_from_a_text_file(davis_tree, tmp_path):
    (tmp_path / 'list.txt').write_text('camel\nbear\n')
    dataset = DAVISDataset(davis_tree.root, videos=str(tmp_path / 'list.txt'))
    assert [dataset.get_data_info(i)['video'] for i in range(len(dataset))] == ['camel', 'bear']
    with pytest.raises(FileNotFoundError, match='no list of videos bear'):
        DAVISDataset(davis_tree.root, videos='bear')


def test_full_resolution(davis_tree, make_frames, make_mask):
    folder = 'Full-Resolution'
    make_frames(davis_tree.root / 'JPEGImages' / folder / 'bear', 2, size=(48, 64))
    write_mask(davis_tree.root / 'Annotations' / folder / 'bear' / '00000.png', make_mask((1, ), size=(48, 64)))
    sample = _stream(davis_tree.root, resolution=folder, videos=['bear'])[0]['data_samples']
    assert sample.ori_shape == (48, 64) == sample.given_mask.shape and folder in sample.frame_path


@pytest.mark.parametrize('path', ['2016/val.txt', '480p/val.txt'])
def test_split_files_of_the_first_release(davis_tree, path):
    lines = [f'/JPEGImages/480p/{video}/{i:05d}.jpg /Annotations/480p/{video}/{i:05d}.png'
             for video in ('camel', 'bear') for i in range(5)]
    davis_tree.add_split('\n'.join(lines) + '\n\n', path)
    dataset = DAVISDataset(davis_tree.root, year=2016, split='val')
    assert [dataset.get_data_info(i)['video'] for i in range(len(dataset))] == ['camel', 'bear']


def test_names_with_spaces(davis_tree):
    for folder in ('JPEGImages', 'Annotations'):
        (davis_tree.root / folder / '480p' / 'bear').rename(davis_tree.root / folder / '480p' / 'my bear')
    davis_tree.add_split('my bear\ncamel\n', '2017/spaces.txt')
    dataset = DAVISDataset(davis_tree.root, split='spaces')
    assert [dataset.get_data_info(i)['video'] for i in range(len(dataset))] == ['my bear', 'camel']


def test_2016_merges_all_objects_and_255_is_object(davis_tree, make_mask):
    write_mask(davis_tree.mask('bear', 0), make_mask((1, 2, 255)))
    item = _stream(davis_tree.root, year=2016, videos=['bear'])[0]['data_samples']
    expected = (make_mask((1, 1, 1)) > 0).astype(np.uint8)
    assert np.array_equal(item.given_mask.numpy(), expected)
    assert np.array_equal(item.gt_mask.numpy(), expected)
    assert item.object_ids == (1, )


def test_2017_keeps_ids_and_255_is_void(davis_tree, make_mask):
    write_mask(davis_tree.mask('bear', 0), make_mask((1, 2, 255)))
    item = _stream(davis_tree.root, year=2017, videos=['bear'])[0]['data_samples']
    assert np.array_equal(item.given_mask.numpy(), make_mask((1, 2, 0)))
    assert item.object_ids == (1, 2)


def test_a_missing_root_says_what_the_tree_should_be(tmp_path):
    with pytest.raises(FileNotFoundError, match=r'nowhere.*JPEGImages/480p/SEQ/00000\.jpg.*ImageSets/2017/val\.txt'):
        DAVISDataset(tmp_path / 'nowhere', split='val')


def test_a_missing_split_names_those_there(davis_tree):
    with pytest.raises(FileNotFoundError, match=r'2017/trian\.txt.*val'):
        DAVISDataset(davis_tree.root, split='trian')


def test_a_year_without_davis_is_refused(davis_tree):
    with pytest.raises(ValueError, match='2016 and 2017, not 2018'):
        DAVISDataset(davis_tree.root, year=2018)


def test_a_sequence_without_frames_is_named(davis_tree):
    with pytest.raises(FileNotFoundError, match=r"'dog' has no frames in .*JPEGImages/480p/dog"):
        DAVISDataset(davis_tree.root, videos=['bear', 'dog'])


def test_a_sequence_without_masks_is_named(davis_tree):
    davis_tree.mask('camel', 0).unlink()
    with pytest.raises(FileNotFoundError, match=r"'camel' has no mask for its first frame.*camel/00000\.png"):
        DAVISDataset(davis_tree.root, split='val')


def test_test_dev_has_masks_for_the_first_frame_only(davis_tree):
    for index in range(1, 5):
        davis_tree.mask('bear', index).unlink()
    items = [item['data_samples'] for item in _stream(davis_tree.root, videos=['bear'])]
    assert ['gt_mask' in item for item in items] == [True] + 4 * [False]


@pytest.mark.parametrize(('video', 'num_frames', 'ids'), [('bmx-trees', 80, (1, )), ('tennis', 70, (1, )),
                                                          ('schoolgirls', 80, (1, 2, 3, 4, 5, 6, 7))])
def test_real_sequences(clips_root, video, num_frames, ids):
    dataset = _stream(clips_root / 'DAVIS', videos=[video])
    assert len(dataset) == num_frames
    first, third = dataset[0], dataset[3]
    assert first['inputs'].shape == (3, 240, 432)
    assert first['data_samples'].object_ids == third['data_samples'].object_ids == ids
    assert 'given_mask' in first['data_samples'] and 'given_mask' not in third['data_samples']
    on_disk = read_mask(clips_root / f'DAVIS/Annotations/480p/{video}/00003.png')
    assert np.array_equal(third['data_samples'].gt_mask.numpy(), on_disk)
    assert set(np.unique(on_disk)) - {0} <= set(ids)


def test_real_sequence_merged(clips_root):
    sample = _stream(clips_root / 'DAVIS', year=2016, videos=['schoolgirls'])[0]['data_samples']
    on_disk = read_mask(clips_root / 'DAVIS/Annotations/480p/schoolgirls/00000.png')
    assert np.array_equal(sample.given_mask.numpy(), (on_disk > 0).astype(np.uint8))


@pytest.mark.parametrize('year', [2016, 2017])
def test_the_splits_of_the_real_clips(clips_root, year):
    videos = {}
    for split in ('train', 'val', 'trainval'):
        dataset = DAVISDataset(clips_root / 'DAVIS', year=year, split=split)
        videos[split] = [dataset.get_data_info(i)['video'] for i in range(len(dataset))]
    assert videos['val'] == ['bmx-trees']
    assert sorted(videos['train'] + videos['val']) == videos['trainval'] == ['bmx-trees', 'schoolgirls', 'tennis']


def test_the_server_wants_every_frame(davis_tree):
    davis_tree.mask('bear', 3).unlink()
    dataset = _stream(davis_tree.root, split='val')
    assert dataset.wanted_results() == [
        WantedResults('bear', tuple(f'{t:05d}' for t in range(5)), (24, 32), (1, 2)),
        WantedResults('camel', tuple(f'{t:05d}' for t in range(7)), (24, 32), (1, ))]
    assert dataset.submission_root == ''
