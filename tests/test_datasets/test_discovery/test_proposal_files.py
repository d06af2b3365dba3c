"""Files of discovered regions, and what tells that one is of other frames."""
import json

import numpy as np
import pytest

from vosreg.datasets import DAVISDataset
from vosreg.datasets.discovery import frame_proposals, proposals_path, write_proposals


def regions(seed=0, size=(24, 32)):
    return np.random.default_rng(seed).integers(0, 4, size).astype(np.uint8)


@pytest.fixture
def bear(davis_tree):
    return DAVISDataset(davis_tree.root, split='val').get_data_info(0)


@pytest.fixture
def written(bear, tmp_path):
    path = proposals_path(tmp_path / 'proposals', 'bear')
    write_proposals(path, 'DAVISDataset here', bear, dict(type='Seeds'), [regions(index) for index in range(5)])
    return path


def edit(path, change):
    content = json.loads(path.read_text())
    change(content)
    edited = path.with_name('edited.json')
    edited.write_text(json.dumps(content))
    return edited


def test_round_trip(written, bear):
    for index in (3, 0):
        assert np.array_equal(frame_proposals(written, bear, index, (24, 32)), regions(index))
    content = json.loads(written.read_text())
    assert content['discoverer'] == dict(type='Seeds') and list(content['frames']) == [f'{i:05d}' for i in range(5)]
    assert set(content['frames']['00002']['regions'][0]) == {'size', 'counts'}


def test_frames_without_files(tmp_path):
    video = dict(video='train_000003', num_frames=2, scene=None)
    path = tmp_path / 'train_000003.json'
    write_proposals(path, 'SyntheticVOS', video, {}, [regions(), 0 * regions()])
    assert not frame_proposals(path, video, 1, (24, 32)).any()


def test_a_missing_file(bear, tmp_path):
    with pytest.raises(FileNotFoundError, match=r'no proposals .*bear\.json; .*discover_objects\.py makes them'):
        frame_proposals(tmp_path / 'bear.json', bear, 0, (24, 32))


@pytest.mark.parametrize('text', ['{"video": "bear"', '{"video": "bear"}', '[1]', 'null'])
def test_not_a_file_of_proposals(bear, tmp_path, text):
    (tmp_path / 'bear.json').write_text(text)
    with pytest.raises(ValueError, match=r'bear\.json is not a file of proposals'):
        frame_proposals(tmp_path / 'bear.json', bear, 0, (24, 32))


def test_another_video_or_size(written, bear):
    with pytest.raises(ValueError, match=r"'bear' with frames of 32x24 .*DAVISDataset here.* frames of 16x24 pixels"):
        frame_proposals(written, bear, 0, (24, 16))
    with pytest.raises(ValueError, match="are of the video 'bear' .*, not of the video 'camel'"):
        frame_proposals(written, dict(bear, video='camel'), 0, (24, 32))


def test_a_frame_that_is_not_there(written, bear):
    path = edit(written, lambda content: content['frames'].pop('00002'))
    with pytest.raises(ValueError, match=r"edited\.json have no frame '00002' .*the 4 frames '00000' to '00004'"):
        frame_proposals(path, bear, 2, (24, 32))


def test_a_frame_of_the_same_name_and_size(written, bear, davis_tree):
    with open(davis_tree.frame('bear', 1), 'ab') as file:
        file.write(b'\0')
    with pytest.raises(ValueError, match=r"of another frame '00001': its file has \d+ bytes in .* \d+ bytes here"):
        frame_proposals(written, bear, 1, (24, 32))
    assert frame_proposals(written, bear, 2, (24, 32)).any()
