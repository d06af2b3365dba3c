"""Small throw-away data sets."""
from pathlib import Path
from typing import Optional, Sequence

import numpy as np
import pytest

from vosreg.fileio import write_image, write_mask


def write_frames(folder: Path, num_frames: int, size=(24, 32), names: Optional[Sequence[str]] = None) -> None:
    """Frames of random colour blocks, large enough to survive JPEG."""
    rng = np.random.default_rng(0)
    for index in range(num_frames):
        blocks = rng.integers(0, 256, (size[0] // 8, size[1] // 8, 3), dtype=np.uint8)
        name = names[index] if names else f'{index:05d}.jpg'
        write_image(folder / name, blocks.repeat(8, 0).repeat(8, 1))


def square_mask(ids: Sequence[int], size=(24, 32)) -> np.ndarray:
    """One square of 6x6 pixels for each id, side by side."""
    mask = np.zeros(size, np.uint8)
    for place, object_id in enumerate(ids):
        mask[4:10, 8 * place + 1:8 * place + 7] = object_id
    return mask


class DAVISTree:
    """Writes sequences in DAVIS layout."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def frame(self, video: str, index: int) -> Path:
        return self.root / 'JPEGImages' / '480p' / video / f'{index:05d}.jpg'

    def mask(self, video: str, index: int) -> Path:
        return self.root / 'Annotations' / '480p' / video / f'{index:05d}.png'

    def add_video(self, video: str, num_frames: int = 5, ids: Sequence[int] = (1, 2)) -> None:
        write_frames(self.frame(video, 0).parent, num_frames)
        for index in range(num_frames):
            write_mask(self.mask(video, index), square_mask(ids))

    def add_split(self, text: str, path: str = '2017/val.txt') -> None:
        file = self.root / 'ImageSets' / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)


@pytest.fixture
def davis_tree(tmp_path: Path) -> DAVISTree:
    """A DAVIS folder with the sequences bear (5 frames, objects 1 and 2) and camel (7 frames, object 1)."""
    tree = DAVISTree(tmp_path / 'DAVIS')
    tree.add_video('bear', 5, (1, 2))
    tree.add_video('camel', 7, (1, ))
    tree.add_split('bear\ncamel\n')
    return tree


@pytest.fixture
def make_frames():
    """The function that writes frames into a folder."""
    return write_frames


@pytest.fixture
def make_mask():
    """The function that draws squares of given ids."""
    return square_mask
