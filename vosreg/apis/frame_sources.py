"""Where the frames of a video come from."""
import glob
import hashlib
import os
from abc import ABC, abstractmethod
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any, Iterable, Iterator, List, Optional, Sequence, Tuple, Union

import cv2
import numpy as np

from vosreg.datasets.frame_files import list_images
from vosreg.fileio import natural_key, probe_video, read_image, read_video
from vosreg.given_paths import check_video_path

PathLike = Union[str, Path]
Video = Union[PathLike, int, Sequence[PathLike], Iterable[np.ndarray]]
# Of frames that come without a rate, as DAVIS has it.
DEFAULT_FPS = 24.
# Begins the fingerprint of frames that come once.
LIVE = 'live'


class FrameSource(ABC):
    """The frames of one video, in order.

    Attributes:
        name: Of the video.
        fps: Frames a second.
        num_frames: How many there are; of a trimmed video file, how many at most; None if that is not known before the
            end.
        names: The frames' own names; None if they are numbered.
        paths: The files that hold them.
        place: The folders that the video lies in, if it does, and its name.
        is_live: Frames come once and cannot be read again.
    """
    fps = DEFAULT_FPS
    num_frames: Optional[int] = None
    names: Optional[List[str]] = None
    paths: Sequence[Path] = ()
    is_live = False

    def __init__(self, name: str) -> None:
        self.name = name

    @property
    def place(self) -> Tuple[str, ...]:
        return (self.name, )

    @abstractmethod
    def read(self, start: int = 0) -> Iterator[np.ndarray]:
        """The frames from number ``start`` on, RGB uint8 [H, W, 3] each."""

    @abstractmethod
    def fingerprint(self) -> str:
        """Text that is another one for other frames."""

    def frame_name(self, index: int) -> str:
        """The name of a frame: its own, or its number in five digits."""
        return self.names[index] if self.names else f'{index:05d}'

    def find_frame(self, name: str) -> Optional[int]:
        """The frame of a name, None if there is no such frame."""
        if self.names:
            return self.names.index(name) if name in self.names else None
        return int(name) if name.isdecimal() and name == f'{int(name):05d}' else None

    def describe(self, index: int) -> str:
        """How an error calls a frame."""
        return f'frame {index} of the video {self.name}'


class VideoFile(FrameSource):
    """A video file that FFmpeg decodes.

    Raises:
        FileNotFoundError: There is no such file.
        UnreadableVideoError: It cannot be opened as a video.
    """

    def __init__(self, path: PathLike) -> None:
        super().__init__(Path(path).stem)
        self.path = Path(path)
        self.paths = [self.path]
        self.fps, self.num_frames = probe_video(path)

    @property
    def place(self) -> Tuple[str, ...]:
        return place_of_file(self.path)

    def read(self, start: int = 0) -> Iterator[np.ndarray]:
        return read_video(self.path, start)

    def fingerprint(self) -> str:
        """The size of the file, and a hash of its start and end."""
        size = self.path.stat().st_size
        with self.path.open('rb') as file:
            start = file.read(2**20)
            file.seek(max(0, size - 2**20))
            return f'{size} bytes, {_digest([start, file.read()])}'

    def describe(self, index: int) -> str:
        return f'frame {index} of {self.path}'


class ImageFiles(FrameSource):
    """Image files, one a frame.

    Raises:
        ValueError: There is none, or two have the same name, so that their masks would.
    """

    def __init__(self, paths: Sequence[PathLike], name: str) -> None:
        super().__init__(name)
        if not paths:
            raise ValueError(f'the video {name} has no frames')
        self.paths = [Path(path) for path in paths]
        self.names = [path.stem for path in self.paths]
        self.num_frames = len(self.paths)
        seen = {}
        for path in self.paths:
            if path.stem in seen:
                raise ValueError(f'{seen[path.stem]} and {path} are both frame {path.stem!r}, so that their masks '
                                 'would have the same name; give the frames of one video')
            seen[path.stem] = path

    @property
    def place(self) -> Tuple[str, ...]:
        return (*_absolute(self.paths[0]).parent.parent.parts[1:], self.name)

    def read(self, start: int = 0) -> Iterator[np.ndarray]:
        return map(read_image, self.paths[start:])

    def fingerprint(self) -> str:
        """A hash of the names and contents of the files. Sizes do not tell, since all BMPs of a video have the same."""
        parts = (part for path in self.paths for part in (f'{path.name} {path.stat().st_size}\n'.encode(),
                                                          path.read_bytes()))
        return f'{self.num_frames} images, {_digest(parts)}'

    def describe(self, index: int) -> str:
        return f'frame {self.paths[index]}'


class FrameArrays(FrameSource):
    """Frames in memory, RGB uint8 [H, W, 3] each."""

    def __init__(self, frames: Sequence[np.ndarray], name: str = 'video') -> None:
        super().__init__(name)
        if not len(frames):
            raise ValueError(f'the video {name} has no frames')
        self.frames = frames
        self.num_frames = len(frames)

    def read(self, start: int = 0) -> Iterator[np.ndarray]:
        return islice(_checked(self.frames), start, None)

    def fingerprint(self) -> str:
        """A hash of the frames and their shapes."""
        parts = (part for frame in self.read() for part in (f'{frame.shape}'.encode(), np.ascontiguousarray(frame)))
        return f'{self.num_frames} arrays, {_digest(parts)}'


class LiveFrames(FrameSource):
    """Frames that come once, such as those of a generator."""
    is_live = True

    def __init__(self, frames: Iterable[np.ndarray], name: str = 'video') -> None:
        super().__init__(name)
        self.frames = frames

    def read(self, start: int = 0) -> Iterator[np.ndarray]:
        """The frames, once and from the first one on."""
        return _checked(self.frames)

    def fingerprint(self) -> str:
        return f'{LIVE} since {datetime.now().isoformat()}'


class Camera(LiveFrames):
    """A camera, by its index.

    Raises:
        OSError: There is no such camera.
    """

    def __init__(self, index: int) -> None:
        camera = cv2.VideoCapture(index)
        if not camera.isOpened():
            raise OSError(f'cannot open the camera {index}; cameras are counted from 0')
        super().__init__(_capture(camera), f'camera{index}')
        fps = camera.get(cv2.CAP_PROP_FPS)
        self.fps = fps if fps > 0 else DEFAULT_FPS


def open_frames(video: Video) -> FrameSource:
    """Find out what kind of video is given.

    Args:
        video: A video file, a folder of images, a glob of images such as ``'shots/*.png'``, a list of image files, RGB
            uint8 arrays [H, W, 3] as a list, one array [T, H, W, 3] or a generator, or the index of a camera.

    Raises:
        FileNotFoundError: There is no such file or folder, or nothing matches the glob.
        ValueError: There are no frames, or two have the same name.
        OSError: The camera cannot be opened.
    """
    if isinstance(video, FrameSource):
        return video
    if isinstance(video, int):
        return Camera(video)
    if isinstance(video, (str, Path)):
        return _open_path(Path(video))
    if not hasattr(video, '__len__'):
        return LiveFrames(video)
    if len(video) and all(isinstance(frame, (str, Path)) for frame in video):
        return ImageFiles(video, _absolute(video[0]).parent.name)
    return FrameArrays(video)


def place_of_file(path: PathLike) -> Tuple[str, ...]:
    """The folders that a video lies in, and its name, also if there is no such file."""
    path = _absolute(path)
    return (*path.parent.parts[1:], path.name if path.is_dir() else path.stem)


def _absolute(path: PathLike) -> Path:
    # Symbolic links stay: what the user called a video tells more than what it is called where it is stored.
    return Path(os.path.abspath(path))


def _open_path(path: Path) -> FrameSource:
    check_video_path(path)
    if path.is_dir():
        images = list_images(path)
        if not images:
            raise FileNotFoundError(f'no images in the folder {path}; the frames of a video are jpg, png, bmp or webp')
        return ImageFiles(list(images.values()), _absolute(path).name)
    if not path.exists():
        paths = sorted(glob.glob(str(path)), key=natural_key)
        return ImageFiles(paths, _absolute(paths[0]).parent.name)
    return VideoFile(path)


# No method: with a reference to its own object it would hold the camera until the garbage collector comes.
def _capture(camera: cv2.VideoCapture) -> Iterator[np.ndarray]:
    try:
        while True:
            success, frame = camera.read()
            if not success:
                return
            yield cv2.cvtColor(frame, cv2.COLOR_BGR2RGB)
    finally:
        camera.release()


def _checked(frames: Iterable[Any]) -> Iterator[np.ndarray]:
    for index, frame in enumerate(frames):
        frame = np.asarray(frame)
        if frame.dtype != np.uint8 or frame.ndim != 3 or frame.shape[2] != 3:
            raise ValueError(f'frame {index} is {frame.dtype} {list(frame.shape)}; frames are RGB uint8 [H, W, 3]')
        yield frame


def _digest(parts: Iterable) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part)
    return digest.hexdigest()[:16]
