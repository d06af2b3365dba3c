"""All kinds of videos, and what is none."""
import cv2
import numpy as np
import pytest
from small_video import moving_squares, write_frames

from vosreg.apis import open_frames
from vosreg.fileio import UnreadableVideoError, write_image, write_video


def _same(read, wanted) -> bool:
    read = list(read)
    return len(read) == len(wanted) and all((a == b).all() for a, b in zip(read, wanted))


def test_folder_glob_list_arrays_and_generator_give_the_same_frames(tmp_path):
    frames = moving_squares(4)
    folder = write_frames(tmp_path / 'bear', frames)
    (folder / 'notes.txt').write_text('no frame')
    paths = sorted(folder.glob('*.png'))
    for video in (folder, str(folder), f'{folder}/*.png', paths, list(map(str, paths))):
        source = open_frames(video)
        assert (source.name, source.num_frames, source.names[2]) == ('bear', 4, '00002')
        assert _same(source.read(), frames) and _same(source.read(3), frames[3:])
    for video in (frames, np.stack(frames), (frame for frame in frames)):
        source = open_frames(video)
        assert source.frame_name(2) == '00002' and source.find_frame('00002') == 2 and source.find_frame('2') is None
        assert _same(source.read(), frames)
    assert _same(open_frames(frames).read(1), frames[1:])


def test_frames_of_a_glob_are_in_natural_order(tmp_path):
    for index in (10, 9, 1):
        write_image(tmp_path / f'f{index}.png', np.full((8, 8, 3), index, np.uint8))
    assert [frame[0, 0, 0] for frame in open_frames(f'{tmp_path}/f*.png').read()] == [1, 9, 10]


def test_a_video_file_starts_anywhere(tmp_path):
    write_video(tmp_path / 'bear.mp4', moving_squares(6), 12.5)
    source = open_frames(tmp_path / 'bear.mp4')
    assert (source.name, source.num_frames, source.fps) == ('bear', 6, 12.5)
    assert _same(source.read(4), list(source.read())[4:])


def test_a_broken_off_video_gives_what_it_has_and_says_where_it_ends(tmp_path):
    path = tmp_path / 'bear.mp4'
    noise = np.random.default_rng(0).integers(0, 256, (30, 48, 64, 3), np.uint8)
    write_video(path, noise, 24)
    path.write_bytes(path.read_bytes()[:path.stat().st_size // 2])
    read = []
    with pytest.raises(UnreadableVideoError, match=r'bear\.mp4 after (\d+) frames: .*30.*again') as info:
        for frame in open_frames(path).read():
            read.append(frame)
    assert 5 < len(read) < 25 and f'after {len(read)} frames' in str(info.value)


@pytest.mark.parametrize('video, error, message', [
    ('nowhere.mp4', FileNotFoundError, 'no such video: .*nowhere.mp4'),
    ('text.mp4', UnreadableVideoError, 'cannot open the video .*text.mp4'),
    ('empty', FileNotFoundError, 'no images in the folder .*empty'),
    ('*.jpg', FileNotFoundError, r'no file matches .*\*\.jpg'),
    ('*/00000.png', ValueError, "a/00000.png and .*b/00000.png are both frame '00000'"),
])
def test_what_is_no_video(tmp_path, video, error, message):
    (tmp_path / 'empty').mkdir()
    (tmp_path / 'text.mp4').write_text('no video')
    for name in 'ab':
        write_frames(tmp_path / name, moving_squares(1))
    with pytest.raises(error, match=message):
        open_frames(f'{tmp_path}/{video}')


@pytest.mark.parametrize('frames, message', [
    ([], 'has no frames'),
    ([np.zeros((4, 4, 3), np.uint8), np.zeros((4, 4), np.uint8)], r'frame 1 is uint8 \[4, 4\]; frames are RGB uint8'),
    (np.zeros((2, 4, 4, 3)), r'frame 0 is float64 \[4, 4, 3\]'),
])
def test_arrays_that_are_no_frames(frames, message):
    with pytest.raises(ValueError, match=message):
        list(open_frames(frames).read())


def test_fingerprints_tell_videos_apart(tmp_path):
    frames = moving_squares(3)
    write_video(tmp_path / 'a.mp4', frames, 24)
    write_video(tmp_path / 'b.mp4', frames[::-1], 24)
    videos = [tmp_path / 'a.mp4', tmp_path / 'b.mp4', frames, frames[::-1], write_frames(tmp_path / 'c', frames),
              write_frames(tmp_path / 'd', frames[:2]), [frame.reshape(64, 48, 3) for frame in frames],
              tmp_path / 'e', tmp_path / 'f']
    for folder, frame in (('e', frames[0]), ('f', frames[1])):  # BMPs of one shape have one size.
        write_image(tmp_path / folder / '00000.bmp', frame)
    prints = [open_frames(video).fingerprint() for video in videos]
    assert len(set(prints)) == 9 and prints == [open_frames(video).fingerprint() for video in videos]


class _Camera:
    """Two frames of OpenCV's camera 3, then it is unplugged."""

    def __init__(self, index):
        self.opened = index == 3
        self.frames = [np.full((4, 6, 3), (1, 2, 3), np.uint8)] * 2

    def isOpened(self):
        return self.opened

    def get(self, property_id):
        return -1.  # What some drivers say.

    def read(self):
        return (True, self.frames.pop()) if self.frames else (False, None)

    def release(self):
        self.opened = False


def test_a_camera_gives_rgb_until_it_ends(monkeypatch):
    monkeypatch.setattr(cv2, 'VideoCapture', _Camera)
    source = open_frames(3)
    assert (source.name, source.num_frames, source.fps, source.is_live) == ('camera3', None, 24, True)
    frames = list(source.read())
    assert len(frames) == 2 and frames[0][0, 0].tolist() == [3, 2, 1]
    with pytest.raises(OSError, match='cannot open the camera 0'):
        open_frames(0)
