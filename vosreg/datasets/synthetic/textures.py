"""Pictures to paint layers with: crops of scikit-image's bundled photographs and procedural patterns."""
from functools import cache
from pathlib import Path
from typing import Tuple

import cv2
import numpy as np
import skimage.data

from vosreg.fileio import read_image

# Photographs that ship inside scikit-image's wheel, so that nothing is downloaded. Validation paints with its own.
PHOTOGRAPHS = {
    'train': ('astronaut.png', 'brick.png', 'camera.png', 'coffee.png', 'grass.png', 'hubble_deep_field.jpg',
              'ihc.png', 'motorcycle_left.png', 'retina.jpg', 'rocket.jpg'),
    'val': ('chelsea.png', 'coins.png', 'gravel.png', 'moon.png', 'motorcycle_right.png'),
}


def random_texture(rng: np.random.Generator, size: Tuple[int, int], split: str) -> np.ndarray:
    """Draw a texture.

    Args:
        rng: Source of all randomness.
        size: (height, width) in pixels.
        split: ``train`` or ``val``, whose photographs differ.

    Returns:
        RGB uint8 [height, width, 3].
    """
    paint = rng.choice([_photograph, _noise, _stripes, _checks, _spots], p=[0.65, 0.13, 0.07, 0.06, 0.09])
    texture = paint(rng, size, split) if paint is _photograph else _colourise(rng, paint(rng, size))
    return _vary_colour(rng, texture)


@cache
def _read_photograph(name: str) -> np.ndarray:
    return read_image(Path(skimage.data.__file__).parent / name)


def _photograph(rng: np.random.Generator, size: Tuple[int, int], split: str) -> np.ndarray:
    """A random window of a photograph, turned and mirrored."""
    photograph = _read_photograph(str(rng.choice(PHOTOGRAPHS[split])))
    longest = max(size)
    window = rng.uniform(0.25, 0.9) * min(photograph.shape[:2])
    scale = window / longest
    if scale > 1:
        # Shrink with a proper filter before the warp, which has none.
        photograph = cv2.resize(photograph, None, fx=1 / scale, fy=1 / scale, interpolation=cv2.INTER_AREA)
        scale = 1.0
    angle, centre = rng.uniform(0, 2 * np.pi), rng.uniform(0.3, 0.7, 2) * photograph.shape[1::-1]
    linear = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    linear[:, 0] *= rng.choice([-1, 1])
    offset = centre - linear @ (np.array(size[::-1]) / 2)
    return cv2.warpAffine(photograph, np.column_stack([linear, offset]), size[::-1],
                          flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_REFLECT_101)


def _noise(rng: np.random.Generator, size: Tuple[int, int]) -> np.ndarray:
    """Octaves of smooth noise, in [0, 1]."""
    field = np.zeros(size, np.float32)
    coarsest = int(rng.integers(2, 6))
    persistence = rng.uniform(0.4, 0.8)
    for octave in range(5):
        cells = min(coarsest * 2**octave, *size)
        grid = rng.standard_normal((cells, cells), np.float32)
        field += persistence**octave * cv2.resize(grid, size[::-1], interpolation=cv2.INTER_CUBIC)
    return _to_unit(field)


def _stripes(rng: np.random.Generator, size: Tuple[int, int]) -> np.ndarray:
    """Wavy stripes, in [0, 1]."""
    y, x = np.mgrid[:size[0], :size[1]].astype(np.float32) / max(size)
    angle = rng.uniform(0, np.pi)
    along, across = x * np.cos(angle) + y * np.sin(angle), y * np.cos(angle) - x * np.sin(angle)
    across = across + rng.uniform(0, 0.1) * np.sin(2 * np.pi * rng.uniform(0.5, 3) * along)
    return _to_unit(np.tanh(rng.uniform(0.5, 6) * np.sin(2 * np.pi * rng.uniform(2, 12) * across)))


def _checks(rng: np.random.Generator, size: Tuple[int, int]) -> np.ndarray:
    """A turned board of random grey cells, in [0, 1]."""
    cells = rng.integers(3, 12, 2)
    board = rng.random(cells).astype(np.float32)
    turn = cv2.getRotationMatrix2D((cells[1] / 2, cells[0] / 2), rng.uniform(0, 90), 1.0)
    turn = turn @ np.diag([cells[1] / size[1], cells[0] / size[0], 1])
    return cv2.warpAffine(board, turn, size[::-1], flags=cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP,
                          borderMode=cv2.BORDER_REFLECT)


def _spots(rng: np.random.Generator, size: Tuple[int, int]) -> np.ndarray:
    """Discs of random size and grey level, in [0, 1]."""
    field = np.full(size, rng.random(), np.float32)
    for _ in range(rng.integers(8, 60)):
        centre = rng.random(2) * size[::-1]
        radius = rng.uniform(0.01, 0.12) * max(size)
        cv2.circle(field, centre.astype(int).tolist(), int(radius) + 1, float(rng.random()), -1, cv2.LINE_AA)
    return field


def _to_unit(field: np.ndarray) -> np.ndarray:
    low, high = field.min(), field.max()
    return (field - low) / max(high - low, 1e-6)


def _colourise(rng: np.random.Generator, field: np.ndarray) -> np.ndarray:
    """Map grey levels in [0, 1] to a gradient through three random colours."""
    stops = rng.integers(0, 256, (3, 3))
    table = np.stack([np.interp(np.arange(256), [0, 128, 255], stops[:, c]) for c in range(3)], axis=-1)
    return table.astype(np.uint8)[(field * 255).astype(np.uint8)]


def _vary_colour(rng: np.random.Generator, texture: np.ndarray) -> np.ndarray:
    """Change brightness, contrast and tint, so that the same photograph comes in many looks."""
    gain, shift = rng.uniform(0.6, 1.3) * rng.uniform(0.85, 1.15, 3), rng.uniform(-25, 25)
    levels = np.arange(256)[:, None] * gain + shift
    table: np.ndarray = np.clip(levels, 0, 255).astype(np.uint8)
    return cv2.LUT(texture, table[None])


