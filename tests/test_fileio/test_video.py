"""Videos written and read back."""
from fractions import Fraction

import av
import numpy as np
import pytest

from vosreg.fileio import UnreadableVideoError, VideoWriter, probe_video, read_video, write_video


def _frames(count: int = 12, height: int = 61, width: int = 83) -> list:
    """A red square that moves right over grey."""
    frames = np.full((count, height, width, 3), 128, np.uint8)
    for index, frame in enumerate(frames):
        frame[20:40, 4 * index:4 * index + 20] = (255, 0, 0)
    return list(frames)


def test_a_video_of_odd_size_comes_back(tmp_path):
    frames = _frames()
    write_video(tmp_path / 'new' / 'out.mp4', iter(frames), 25)
    back = list(read_video(tmp_path / 'new' / 'out.mp4'))
    assert len(back) == 12 and back[0].shape == (62, 84, 3)
    differences = [np.abs(a[:61, :83].astype(int) - b).mean() for a, b in zip(back, frames)]
    assert max(differences) < 3
    assert back[11][30, 54].tolist() == pytest.approx((255, 0, 0), abs=8)


def test_browsers_play_it(tmp_path):
    write_video(tmp_path / 'out.mp4', _frames(), 23.976)
    with av.open(str(tmp_path / 'out.mp4')) as container:
        stream = container.streams.video[0]
        assert (stream.codec_context.name, stream.pix_fmt) == ('h264', 'yuv420p')
        assert float(stream.average_rate) == pytest.approx(23.976, abs=1e-3)
    data = (tmp_path / 'out.mp4').read_bytes()
    assert data.index(b'moov') < data.index(b'mdat')


def test_a_failed_video_leaves_nothing(tmp_path):
    with pytest.raises(KeyError), VideoWriter(tmp_path / 'out.mp4', 24) as writer:
        writer.write(_frames()[0])
        raise KeyError
    with pytest.raises(ValueError, match='83x30 pixels for the video .*out.mp4, which is 84x62'):
        write_video(tmp_path / 'out.mp4', [_frames()[0], _frames()[1][:30]], 24)
    write_video(tmp_path / 'out.mp4', [], 24)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize('damage', [lambda data: b'', lambda data: b'no video', lambda data: data[:len(data) // 2]])
def test_an_unreadable_video_is_named(tmp_path, damage):
    write_video(tmp_path / 'out.mp4', _frames(), 24)
    (tmp_path / 'out.mp4').write_bytes(damage((tmp_path / 'out.mp4').read_bytes()))
    with pytest.raises(UnreadableVideoError, match='out.mp4 after'):
        list(read_video(tmp_path / 'out.mp4'))


def test_what_a_video_says_of_itself(tmp_path):
    write_video(tmp_path / 'out.mp4', _frames(), 12.5)
    assert probe_video(tmp_path / 'out.mp4') == (12.5, 12)
    (tmp_path / 'out.mp4').write_bytes(b'no video')
    with pytest.raises(UnreadableVideoError, match='cannot open the video .*out.mp4'):
        probe_video(tmp_path / 'out.mp4')


def test_a_fragmented_video_does_not_say_how_long_it_is(tmp_path):
    with av.open(str(tmp_path / 'out.mp4'), 'w', options={'movflags': 'frag_keyframe+empty_moov'}) as container:
        stream = container.add_stream('libx264', rate=24)
        stream.width, stream.height, stream.pix_fmt = 64, 48, 'yuv420p'
        for frame in _frames(height=48, width=64):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format='rgb24')))
        container.mux(stream.encode())
    assert probe_video(tmp_path / 'out.mp4') == (24, None)
    assert len(list(read_video(tmp_path / 'out.mp4'))) == 12


def test_frames_of_differing_lengths_are_all_counted(tmp_path):
    """As phones write them, the mean rate times the length is less than their number."""
    with av.open(str(tmp_path / 'out.mp4'), 'w') as container:
        stream = container.add_stream('libx264', rate=30)
        stream.width, stream.height, stream.pix_fmt = 64, 48, 'yuv420p'
        stream.codec_context.time_base = stream.time_base = Fraction(1, 1000)
        for t, image in enumerate(_frames(height=48, width=64)):
            frame = av.VideoFrame.from_ndarray(image, format='rgb24')
            frame.pts, frame.time_base = 20 * t + 200 * (t > 1), Fraction(1, 1000)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    assert probe_video(tmp_path / 'out.mp4')[1] == len(list(read_video(tmp_path / 'out.mp4'))) == 12


def test_reading_starts_anywhere(tmp_path):
    write_video(tmp_path / 'out.mp4', _frames(), 24)
    frames = list(read_video(tmp_path / 'out.mp4'))
    rest = list(read_video(tmp_path / 'out.mp4', start=9))
    assert len(rest) == 3 and all((a == b).all() for a, b in zip(rest, frames[9:]))


def test_a_video_that_breaks_off_is_not_taken_for_a_short_one(tmp_path):
    """FFmpeg ends without an error there."""
    noise = np.random.default_rng(0).integers(0, 256, (30, 48, 64, 3), np.uint8)
    write_video(tmp_path / 'out.mp4', noise, 24)
    # Between two packets: of half a frame, some versions of FFmpeg tell.
    with av.open(str(tmp_path / 'out.mp4')) as container:
        end = sorted(packet.pos for packet in container.demux() if packet.size)[25]
    (tmp_path / 'out.mp4').write_bytes((tmp_path / 'out.mp4').read_bytes()[:end])
    with pytest.raises(UnreadableVideoError, match=r'after \d\d frames: it ends there, but says that it holds 30'):
        list(read_video(tmp_path / 'out.mp4'))


def test_a_missing_video_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match='nowhere.mp4'):
        list(read_video(tmp_path / 'nowhere.mp4'))


def test_a_time_in_a_name_is_no_protocol(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_video('12:30.mp4', [np.zeros((8, 8, 3), np.uint8)] * 2, 24)
    assert probe_video('12:30.mp4') == (24, 2) and len(list(read_video('12:30.mp4'))) == 2
