"""Where the results of a video lie, and what is needed to go on after an interruption."""
import json
import shutil
import time
from contextlib import contextmanager
from pathlib import Path
from typing import Dict, Iterable, Iterator, List, Optional, Union

import torch
from filelock import FileLock, Timeout

from vosreg.engine.checkpoints import CheckpointError, load_from_local
from vosreg.fileio import abandoned_paths, atomic_path, write_image, write_mask

from .frame_sources import LIVE
from .video_session import SegmentedFrame, VideoSession

# Saving may take this share of the time at most, and happens no more often than this.
SAVING_SHARE = 0.05
SECONDS_BETWEEN_SAVES = 20.


class ResultFolder:
    """The results of one video.

    ::

        masks/FRAME.png      palette PNGs
        overlay.mp4          the masks over the video
        masks.json           the masks as run lengths
        frames/FRAME.jpg     the frames of a camera, which could not be seen again
        inputs.json          what the masks were made from
        session.pth          how far the video is; there until it is complete

    Args:
        path: The folder; it may not exist yet.
    """

    def __init__(self, path: Union[str, Path]) -> None:
        self.path = Path(path)
        self.masks = self.path / 'masks'
        self.frames = self.path / 'frames'
        self.overlay = self.path / 'overlay.mp4'
        self.run_lengths = self.path / 'masks.json'
        self._inputs = self.path / 'inputs.json'
        self._session = self.path / 'session.pth'
        self._next_save = time.monotonic() + SECONDS_BETWEEN_SAVES

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other processes and threads from writing here while the block runs.

        Raises:
            ValueError: Another one writes here, or this is a file.
        """
        self._check_is_no_file()
        self.path.mkdir(parents=True, exist_ok=True)
        # The system releases the lock of a process that is killed.
        lock = FileLock(self.path / '.lock')
        try:
            lock.acquire(timeout=0)
        except Timeout:
            raise ValueError(f'another process or thread writes its results to {self.path} now; wait for it, or choose '
                             'another folder') from None
        except (OSError, NotImplementedError):
            pass  # A read-only folder of complete results can be used all the same; some file systems have no locks.
        try:
            yield
        finally:
            lock.release()

    def claim(self, inputs: Dict[str, str], overwrite: bool = False, sources: Iterable[Path] = ()) -> None:
        """Begin or go on with the results of a video.

        Args:
            inputs: What the results depend on, by name.
            overwrite: Remove the results of other inputs.
            sources: The files that the results are made from, which must not be results of this folder themselves.

        Raises:
            ValueError: The folder holds results of other inputs, or files in their places.
        """
        self._check_is_no_file()
        known = self._read_inputs() if self._inputs.is_file() else {}
        self._refuse_results(known, sources)
        if known:
            differences = '; '.join(f'{name}: {known.get(name)} there, {value} now' for name, value in inputs.items()
                                    if known.get(name) != value)
            if not differences:
                return
            if not overwrite:
                raise ValueError(f'{self.path} holds the results of other inputs ({differences}); choose another '
                                 'folder, or replace them with --overwrite (overwrite=True)')
            self._remove(known)
        else:
            for path in (self.masks, self.overlay, self.run_lengths):
                if path.is_file() or (path.is_dir() and any(path.iterdir())):
                    raise ValueError(f'{path} is of unknown origin; choose another folder for the results')
        self._write_inputs(inputs)

    @property
    def num_frames(self) -> Optional[int]:
        """How many frames the complete video has; None while it is not complete."""
        return self._read_inputs().get('num_frames')

    def mask_path(self, name: str) -> Path:
        """The mask of a frame."""
        return self.masks / f'{name}.png'

    def has_masks(self, names: Iterable[str]) -> bool:
        """Whether the masks of all these frames are there; somebody may have removed some."""
        return all(self.mask_path(name).is_file() for name in names)

    def write(self, frame: SegmentedFrame, with_image: bool = False) -> None:
        """Write the mask of a frame, and the frame itself if it cannot be read again."""
        if with_image:
            write_image(self.frames / f'{frame.name}.jpg', frame.image)
        write_mask(self.mask_path(frame.name), frame.mask)

    def save_session(self, session: VideoSession) -> None:
        """Save how far a session is, if it is time to do so again; all its masks so far must be written."""
        start = time.monotonic()
        if start >= self._next_save:
            state = session.state_dict()
            with atomic_path(self._session) as temporary:
                try:
                    torch.save(state, temporary)
                except RuntimeError as error:  # So PyTorch tells of a full disk.
                    raise OSError(f'cannot write {self._session}: {error}') from error
            end = time.monotonic()
            self._next_save = end + max(SECONDS_BETWEEN_SAVES, (end - start) / SAVING_SHARE)

    def load_session(self, session: VideoSession, device: torch.device) -> None:
        """Bring a new session to where a saved one was; nothing is done if there is none that can be read, or masks
        are gone.
        """
        try:
            state = load_from_local(str(self._session), map_location=device)
        except (CheckpointError, FileNotFoundError):
            return  # A power cut may empty what was just written; then all masks are made again.
        if self.has_masks(map(session.frames.frame_name, range(state['stream']['time'] + 1))):
            session.load_state_dict(state)

    def complete(self, num_frames: int) -> None:
        """Note that all frames have their masks."""
        # If the video broke off before, they show only a part of it.
        for path in (self.overlay, self.run_lengths):
            path.unlink(missing_ok=True)
        self._write_inputs(dict(self._read_inputs(), num_frames=num_frames))
        self._session.unlink(missing_ok=True)
        for path in (self.mask_path('*'), self.overlay, self.run_lengths, self._inputs, self._session):
            for abandoned in abandoned_paths(path):
                abandoned.unlink()

    def _check_is_no_file(self) -> None:
        if self.path.is_file():
            raise ValueError(f'{self.path} is a file; the results go into a folder')

    def _read_inputs(self) -> dict:
        try:
            inputs = json.loads(self._inputs.read_text())
        except ValueError:
            inputs = None
        if not isinstance(inputs, dict) or not isinstance(inputs.get('video', ''), str):
            raise ValueError(f'{self._inputs} does not tell what the results there were made from: it is damaged, or '
                             'of another program; remove it with the results, or choose another folder')
        return inputs

    def _write_inputs(self, inputs: dict) -> None:
        with atomic_path(self._inputs) as temporary:
            temporary.write_text(json.dumps(inputs, indent=2) + '\n')

    def _results(self, known: Dict[str, str]) -> List[Path]:
        """The files and folders that are the results', last the one that tells where the others are from."""
        # Where the frames were not recorded, a folder of that name is the user's.
        frames = [self.frames] if known.get('video', '').startswith(LIVE) else []
        return [self.masks, *frames, self.overlay, self.run_lengths, self._session, self._inputs]

    def _refuse_results(self, known: Dict[str, str], sources: Iterable[Path]) -> None:
        results = {path.resolve() for path in self._results(known)}
        for source in map(Path.resolve, sources):
            if not results.isdisjoint((source, *source.parents)):
                raise ValueError(f'{source} lies where the results of {self.path} go; choose another folder for them')

    def _remove(self, known: Dict[str, str]) -> None:
        for path in self._results(known):
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
