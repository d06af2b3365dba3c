"""Where the results of a video lie, and what is needed to go on after an interruption."""
import json
import shutil
import time
from pathlib import Path
from typing import Dict, Optional, Union

import torch

from vosreg.fileio import atomic_path, write_image, write_mask

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

    def claim(self, inputs: Dict[str, str], overwrite: bool = False) -> None:
        """Begin or go on with the results of a video.

        Args:
            inputs: What the results depend on, by name.
            overwrite: Remove the results of other inputs.

        Raises:
            ValueError: The folder holds results of other inputs.
        """
        difference = self._difference(inputs)
        if difference and not overwrite:
            raise ValueError(f'{self.path} holds {difference}; choose another folder, or replace them with --overwrite '
                             '(overwrite=True)')
        if difference:
            self._remove()
        if not self._inputs.is_file():
            self._write_inputs(inputs)

    @property
    def num_frames(self) -> Optional[int]:
        """How many frames the complete video has; None while it is not complete."""
        return json.loads(self._inputs.read_text()).get('num_frames')

    def mask_path(self, name: str) -> Path:
        """The mask of a frame."""
        return self.masks / f'{name}.png'

    def write(self, frame: SegmentedFrame, with_image: bool = False) -> None:
        """Write the mask of a frame, and the frame itself if it cannot be read again."""
        if with_image:
            write_image(self.frames / f'{frame.name}.jpg', frame.image)
        write_mask(self.mask_path(frame.name), frame.mask)

    def save_session(self, session: VideoSession) -> None:
        """Save how far a session is, if it is time to do so again; all its masks so far must be written."""
        start = time.monotonic()
        if start >= self._next_save:
            with atomic_path(self._session) as temporary:
                torch.save(session.state_dict(), temporary)
            end = time.monotonic()
            self._next_save = end + max(SECONDS_BETWEEN_SAVES, (end - start) / SAVING_SHARE)

    def load_session(self, session: VideoSession, device: torch.device) -> None:
        """Bring a new session to where a saved one was; nothing is done if there is none."""
        if self._session.is_file():
            session.load_state_dict(torch.load(self._session, map_location=device, weights_only=True))

    def complete(self, num_frames: int) -> None:
        """Note that all frames have their masks."""
        self._write_inputs(dict(json.loads(self._inputs.read_text()), num_frames=num_frames))
        self._session.unlink(missing_ok=True)
        # Of a process that was killed while it wrote.
        for path in (*self.masks.glob('.*'), *self.path.glob('.*')):
            path.unlink()

    def _difference(self, inputs: Dict[str, str]) -> str:
        """What the folder holds besides results of these inputs; empty if there is nothing else."""
        if not self._inputs.is_file():
            return 'masks of unknown origin' if self.masks.exists() and any(self.masks.iterdir()) else ''
        known = json.loads(self._inputs.read_text())
        differences = '; '.join(f'{name}: {known.get(name)} there, {value} now' for name, value in inputs.items()
                                if known.get(name) != value)
        return f'the results of other inputs ({differences})' if differences else ''

    def _write_inputs(self, inputs: dict) -> None:
        with atomic_path(self._inputs) as temporary:
            temporary.write_text(json.dumps(inputs, indent=2) + '\n')

    def _remove(self) -> None:
        # Last what tells where the rest is from.
        for path in (self.masks, self.frames):
            shutil.rmtree(path, ignore_errors=True)
        for path in (self.overlay, self.run_lengths, self._session, self._inputs):
            path.unlink(missing_ok=True)
