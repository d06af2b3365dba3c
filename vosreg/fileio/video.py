"""Videos that browsers play, through PyAV (FFmpeg with its H.264 encoder)."""
import os
from contextlib import ExitStack
from fractions import Fraction
from pathlib import Path
from typing import Iterable, Iterator, Optional, Tuple, Union

import av
import cv2
import numpy as np

from .atomic import atomic_path

PathLike = Union[str, Path]


class UnreadableVideoError(ValueError):
    """A file is truncated or not a video."""


class VideoWriter:
    """Write an H.264 video frame by frame: ``with VideoWriter('out.mp4', 24) as writer: writer.write(frame)``.

    The file appears when the block ends, and only if it ends well and a frame was written.

    Args:
        path: The file to write; its suffix chooses the container. Missing folders are made.
        fps: Frames a second.
    """

    def __init__(self, path: PathLike, fps: float) -> None:
        self._path = Path(path)
        self._rate = Fraction(fps).limit_denominator(1001)
        self._stream = None

    def __enter__(self) -> 'VideoWriter':
        self._stack = ExitStack()
        return self

    def __exit__(self, error_type, error, traceback) -> None:
        self._stack.__exit__(error_type, error, traceback)

    def write(self, frame: np.ndarray) -> None:
        """Append a frame.

        Args:
            frame: RGB uint8 [H, W, 3]; all frames have the size of the first. H.264 takes even sizes only: an odd one
                is made even by repeating the last row or column.

        Raises:
            ValueError: The size is not that of the first frame.
        """
        height, width = frame.shape[:2]
        frame = cv2.copyMakeBorder(frame, 0, height % 2, 0, width % 2, cv2.BORDER_REPLICATE)
        if self._stream is None:
            self._open(*frame.shape[:2])
        if frame.shape[:2] != (self._stream.height, self._stream.width):
            raise ValueError(f'a frame of {width}x{height} pixels for the video {self._path}, which is '
                             f'{self._stream.width}x{self._stream.height}')
        self._container.mux(self._stream.encode(av.VideoFrame.from_ndarray(frame, format='rgb24')))

    def _open(self, height: int, width: int) -> None:
        temporary = self._stack.enter_context(atomic_path(self._path))
        # faststart puts the index first, so that a browser plays while it loads.
        container = av.open(_location(temporary), 'w', options={'movflags': 'faststart'})
        self._container = self._stack.enter_context(container)
        self._stream = self._container.add_stream('libx264', rate=self._rate, options={'crf': '20'})
        self._stream.height, self._stream.width, self._stream.pix_fmt = height, width, 'yuv420p'
        self._stack.push(self._flush)

    def _flush(self, error_type, error, traceback) -> None:
        if error is None:
            self._container.mux(self._stream.encode())


def write_video(path: PathLike, frames: Iterable[np.ndarray], fps: float) -> None:
    """Write frames as an H.264 video, one at a time; see :class:`VideoWriter`.

    Args:
        path: The file to write, such as ``out.mp4``.
        frames: RGB uint8 [H, W, 3] each, all of one size.
        fps: Frames a second.
    """
    with VideoWriter(path, fps) as writer:
        for frame in frames:
            writer.write(frame)


def probe_video(path: PathLike) -> Tuple[float, Optional[int]]:
    """Look at a video without decoding it.

    Args:
        path: A video file that FFmpeg can decode.

    Returns:
        Frames a second, and how many frames the file says there are, also those that a trimmed MP4 hides; None if it
        does not say.

    Raises:
        FileNotFoundError: There is no such file.
        UnreadableVideoError: The file cannot be opened as a video.
    """
    if not Path(path).is_file():
        raise FileNotFoundError(f'no such video: {path}')
    try:
        with av.open(_location(path)) as container:
            stream = container.streams.video[0]
            return float(stream.average_rate or stream.guessed_rate or 24), stream.frames or None
    except (av.FFmpegError, IndexError) as error:  # IndexError: a container without a video stream.
        raise UnreadableVideoError(f'cannot open the video {path}: {error}') from error


def read_video(path: PathLike, start: int = 0) -> Iterator[np.ndarray]:
    """Read a video frame by frame, upright as a player shows it.

    Args:
        path: A video file that FFmpeg can decode.
        start: The first frame to give. Those before it are decoded too, since seeking is not exact in all formats.

    Yields:
        RGB uint8 [H, W, 3].

    Raises:
        FileNotFoundError: There is no such file.
        UnreadableVideoError: The file is truncated or not a video; raised after the frames before the damage.
    """
    if not Path(path).is_file():
        raise FileNotFoundError(f'no such video: {path}')
    count = 0
    try:
        with av.open(_location(path)) as container:
            stream = container.streams.video[0]
            stream.thread_type = 'AUTO'
            announced = _announced_frames(container, stream)
            for frame in container.decode(stream):
                if count >= start:
                    yield np.rot90(frame.to_ndarray(format='rgb24'), frame.rotation // 90)
                count += 1
    except (av.FFmpegError, IndexError) as error:  # IndexError: a container without a video stream.
        raise UnreadableVideoError(f'cannot decode the video {path} after {count} frames: {error}') from error
    if not count:
        raise UnreadableVideoError(f'the video {path} holds no frame')
    # FFmpeg takes the end of a truncated file for the end of the video.
    if announced is not None and count + 1 < announced:
        raise UnreadableVideoError(f'cannot decode the video {path} after {count} frames: it ends there, but says that '
                                   f'it holds {announced}; copy or download it again')


def _location(path: PathLike) -> str:
    # Of 12:30.mp4 FFmpeg takes what stands before the colon for a protocol, unless a folder comes first.
    return os.path.abspath(path)


def _announced_frames(container, stream) -> Optional[int]:
    if not stream.frames:  # The file does not say, as a fragmented MP4.
        return None
    if 'mp4' in container.format.name and container.duration and stream.average_rate:
        # An MP4 that was trimmed without encoding it again still counts the frames that it hides, but not their time.
        # If frames differ in length, this is some less than there are.
        return min(stream.frames, round(container.duration / av.time_base * stream.average_rate))
    return stream.frames
