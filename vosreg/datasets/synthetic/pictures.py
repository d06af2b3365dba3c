"""The pictures that scenes are made of: photographs to paint with, and things cut out of photographs."""
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import List, Tuple

import cv2
import numpy as np
import skimage.data

from vosreg.fileio import read_image

from ..frame_files import IMAGE_SUFFIXES

# Photographs that ship inside scikit-image's wheel, so that nothing is downloaded. Validation paints with its own.
PHOTOGRAPHS = {
    'train': ('astronaut.png', 'brick.png', 'camera.png', 'chelsea.png', 'coins.png', 'grass.png',
              'hubble_deep_field.jpg', 'ihc.png', 'moon.png', 'motorcycle_left.png', 'retina.jpg', 'text.png'),
    'val': ('coffee.png', 'gravel.png', 'rocket.jpg'),
}
# Photographs that are larger, in pixels, are halved when read.
LARGEST_SIDE = 2048
# Of a folder's pictures, in the order of their names, each tenth is for validation.
VAL_STEP = 10


@dataclass(frozen=True)
class Pictures:
    """The files of a split.

    Attributes:
        photographs: What surfaces are painted with.
        scenes: Photographs that may be seen as a whole, as a backdrop.
        cutouts: Things cut out of photographs, with an alpha channel.
    """
    photographs: Tuple[Path, ...]
    scenes: Tuple[Path, ...] = ()
    cutouts: Tuple[Path, ...] = ()


@cache
def find_pictures(split: str, folder: str = '') -> Pictures:
    """The pictures of a split: those of scikit-image, and those of a folder.

    Args:
        split: ``train`` or ``val``.
        folder: With photographs in ``scenes/`` or PNG files with an alpha channel in ``cutouts/``, or both.

    Raises:
        FileNotFoundError: The folder holds neither.
    """
    own = tuple(Path(skimage.data.__file__).parent / name for name in PHOTOGRAPHS[split])
    if not folder:
        return Pictures(own)
    scenes, cutouts = (_find_images(Path(folder, kind)) for kind in ('scenes', 'cutouts'))
    if not scenes and not cutouts:
        raise FileNotFoundError(f'no pictures for SyntheticVOS in {folder}: it takes photographs from {folder}/scenes '
                                f'and things with an alpha channel from {folder}/cutouts; '
                                'tools/dataset_converters/fetch_photographs.py makes such a folder')
    scenes, cutouts = _of_split(scenes, split), _of_split(cutouts, split)
    return Pictures(own + scenes, scenes, cutouts)


@lru_cache(maxsize=128)
def read_photograph(path: Path, halvings: int = 0) -> np.ndarray:
    """A photograph shrunk by a power of two; grey ones are uint8 [h, w], others RGB [h, w, 3].

    The last ones are kept.
    """
    if halvings:
        return cv2.pyrDown(read_photograph(path, halvings - 1))
    image = read_image(path)
    while max(image.shape) > LARGEST_SIDE:
        image = cv2.pyrDown(image)
    return image[..., 0].copy() if (image[..., :1] == image).all() else image


def _find_images(folder: Path) -> List[Path]:
    return sorted(path for path in folder.glob('[!.]*') if path.suffix.lower() in IMAGE_SUFFIXES)


def _of_split(paths: List[Path], split: str) -> Tuple[Path, ...]:
    return tuple(path for number, path in enumerate(paths, 1) if (number % VAL_STEP == 0) == (split == 'val'))
