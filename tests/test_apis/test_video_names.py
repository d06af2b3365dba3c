"""Names for the results of several videos."""
import numpy as np
import pytest
from small_video import moving_squares, write_frames

from vosreg.apis import open_frames
from vosreg.apis.frame_sources import place_of_file
from vosreg.apis.video_names import unique_names
from vosreg.fileio import write_video


@pytest.mark.parametrize('places, names', [
    ([('data', 'bear'), ('data', 'cat')], ['bear', 'cat']),
    ([('data', 'bear', 'frames'), ('data', 'cat', 'frames'), ('data', 'dog')], ['bear_frames', 'cat_frames', 'dog']),
    # As many folders as it takes, the same number for all.
    ([('a', 'x', 'frames'), ('b', 'x', 'frames'), ('b', 'y', 'frames')], ['a_x_frames', 'b_x_frames', 'b_y_frames']),
    ([('frames', ), ('a', 'frames')], ['frames', 'a_frames']),
    ([('video', )], ['video']),
])
def test_names(places, names):
    assert unique_names(places) == names
    assert unique_names(places[::-1]) == names[::-1]


@pytest.mark.parametrize('places', [
    [('video', ), ('video', )],
    [('a', 'clip'), ('a', 'clip'), ('b', 'clip')],
    # Of which the second is called like the first one when that is told apart from the third.
    [('a', 'clip'), ('c', 'a_clip'), ('b', 'clip')],
])
def test_videos_that_cannot_be_told_apart(places):
    with pytest.raises(ValueError, match='several videos are named (a_)?(clip|video), .*another --out each'):
        unique_names(places)


def test_places(tmp_path):
    folder = write_frames(tmp_path / 'a' / 'frames', moving_squares(2))
    write_video(tmp_path / 'a' / 'clip.mp4', moving_squares(2), 10)
    for video in (folder, f'{folder}/*.png', sorted(folder.iterdir())):
        assert open_frames(video).place[-3:] == (tmp_path.name, 'a', 'frames')
    assert open_frames(tmp_path / 'a' / 'clip.mp4').place == (*tmp_path.parts[1:], 'a', 'clip')
    assert open_frames(np.zeros((2, 8, 8, 3), np.uint8)).place == ('video', )


def test_links_are_named_as_the_user_named_them(tmp_path):
    (stored, ) = write_frames(tmp_path / 'store' / '17', moving_squares(1)).iterdir()
    write_video(tmp_path / 'store' / '18.mp4', moving_squares(2), 10)
    (tmp_path / 'bear' / 'frames').mkdir(parents=True)
    (tmp_path / 'bear' / 'frames' / stored.name).symlink_to(stored)
    (tmp_path / 'cat').mkdir()
    (tmp_path / 'cat' / 'frames').symlink_to(stored.parent)
    (tmp_path / 'cat' / 'clip.mp4').symlink_to(tmp_path / 'store' / '18.mp4')
    places = [open_frames(tmp_path / video).place[-2:] for video in ('bear/frames', 'cat/frames', 'cat/clip.mp4')]
    assert places == [('bear', 'frames'), ('cat', 'frames'), ('cat', 'clip')]


def test_a_folder_that_cannot_be_opened_has_the_name_that_it_will_have(tmp_path):
    folder = tmp_path / 'take.2'
    folder.mkdir()
    with pytest.raises(FileNotFoundError):
        open_frames(folder)
    place = place_of_file(folder)
    assert place == open_frames(write_frames(folder, moving_squares(1))).place
