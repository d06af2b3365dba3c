"""Pictures to paint layers with: windows of photographs, coloured patterns and mixtures of them."""
from functools import cache
from pathlib import Path
from typing import Tuple

import cv2
import numpy as np
import skimage.data

from vosreg.fileio import read_image

from .patterns import noise, random_pattern

# Photographs that ship inside scikit-image's wheel, so that nothing is downloaded. Validation paints with its own.
PHOTOGRAPHS = {
    'train': ('astronaut.png', 'brick.png', 'camera.png', 'chelsea.png', 'coins.png', 'grass.png',
              'hubble_deep_field.jpg', 'ihc.png', 'moon.png', 'motorcycle_left.png', 'retina.jpg', 'text.png'),
    'val': ('coffee.png', 'gravel.png', 'rocket.jpg'),
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
    texture = _single_texture(rng, size, split)
    if rng.random() < 0.3:
        texture = mix(texture, _single_texture(rng, size, split), region(rng, size))
    return texture


def skin_texture(rng: np.random.Generator, size: Tuple[int, int]) -> np.ndarray:
    """Skin: a brown of random lightness, RGB uint8 [height, width, 3]."""
    base = rng.uniform(70, 235) * np.array([1, rng.uniform(0.68, 0.82), rng.uniform(0.5, 0.7)])
    return np.clip(base * (0.9 + 0.2 * noise(rng, size)[..., None]), 0, 255).astype(np.uint8)


def region(rng: np.random.Generator, size: Tuple[int, int]) -> np.ndarray:
    """A random part of an area with a sharp smooth edge: patches, or one side of a line; float32 [h, w] in [0, 1]."""
    field = cv2.resize(rng.random((4, 4), np.float32), size[::-1], interpolation=cv2.INTER_CUBIC)
    if rng.random() < 0.5:
        field = 0.15 * field + np.linspace(0, 0.85, size[0], dtype=np.float32)[:, None]
    return np.clip((field - rng.uniform(0.35, 0.65)) * max(size) / 3 + 0.5, 0, 1)


def mix(ground: np.ndarray, top: np.ndarray, share: np.ndarray) -> np.ndarray:
    """Lay ``top`` over ``ground``, both RGB uint8 [h, w, 3], where ``share`` [h, w] is one."""
    return cv2.blendLinear(ground, top, 1 - share, share)


def _single_texture(rng: np.random.Generator, size: Tuple[int, int], split: str) -> np.ndarray:
    if rng.random() < 0.55:
        texture = _photograph(rng, size, split)
        return _vary_colour(rng, texture) if texture.ndim == 3 else _colourise(rng, texture)
    pattern = random_pattern(rng, size)
    # No real surface is perfectly plain.
    grain = rng.uniform(0, 0.3)
    return _colourise(rng, ((1 - grain) * 255 * pattern + grain * 255 * noise(rng, size)).astype(np.uint8))


@cache
def _read_photograph(name: str, halvings: int) -> np.ndarray:
    """A photograph shrunk by a power of two; grey ones [h, w], others RGB [h, w, 3]."""
    if halvings:
        return cv2.pyrDown(_read_photograph(name, halvings - 1))
    image = read_image(Path(skimage.data.__file__).parent / name)
    return image[..., 0].copy() if (image[..., :1] == image).all() else image


def _photograph(rng: np.random.Generator, size: Tuple[int, int], split: str) -> np.ndarray:
    """A random window of a photograph, turned and mirrored."""
    name = str(rng.choice(PHOTOGRAPHS[split]))
    window = rng.uniform(0.25, 1) * min(_read_photograph(name, 0).shape[:2])
    # The warp takes single samples: shrink beforehand, not to skip over detail.
    halvings = max(0, round(np.log2(window / max(size))))
    photograph = _read_photograph(name, halvings)
    scale = window / 2**halvings / max(size)
    angle = rng.normal(0, 0.3) if rng.random() < 0.6 else rng.uniform(0, 2 * np.pi)
    linear = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    linear[:, 0] *= rng.choice([-1, 1])
    centre = rng.uniform(0.3, 0.7, 2) * photograph.shape[1::-1]
    offset = centre - linear @ (np.array(size[::-1]) / 2)
    return cv2.warpAffine(photograph, np.column_stack([linear, offset]), size[::-1],
                          flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_REFLECT_101)


def _vary_colour(rng: np.random.Generator, texture: np.ndarray) -> np.ndarray:
    """Change hue, saturation, brightness, contrast and tint, so that a photograph comes in many looks."""
    if rng.random() < 0.25:
        hsv = cv2.cvtColor(texture, cv2.COLOR_RGB2HSV)
        # OpenCV's hue has 180 steps.
        table = np.stack([(np.arange(256) + rng.integers(0, 180)) % 180,
                          np.clip(np.arange(256) * rng.uniform(0.2, 1.3), 0, 255), np.arange(256)], axis=-1)
        texture = cv2.cvtColor(cv2.LUT(hsv, table.astype(np.uint8)[None]), cv2.COLOR_HSV2RGB)
    levels = (np.arange(256)[:, None] / 255)**rng.uniform(0.6, 1.6) * rng.uniform(0.7, 1.2) * rng.uniform(0.85, 1.15, 3)
    return cv2.LUT(texture, np.clip(255 * levels + rng.uniform(-20, 20), 0, 255).astype(np.uint8)[None])


def _colourise(rng: np.random.Generator, grey: np.ndarray) -> np.ndarray:
    """Map grey levels, uint8 [h, w], to a gradient through two to four colours."""
    count = int(rng.integers(2, 5))
    spread = rng.choice([0.05, 0.5], p=[0.6, 0.4])
    # Earth, leaves and sky are commoner than purple.
    hue = rng.choice([0.08, 0.25, 0.6]) + rng.normal(0, 0.05) if rng.random() < 0.6 else rng.random()
    hsv = np.stack([
        (hue + rng.uniform(-spread, spread, count)) % 1 * 360,
        rng.beta(1.3, 2.5, count),
        rng.permutation(np.linspace(rng.uniform(0, 0.5), rng.uniform(0.5, 1), count)),
    ], axis=-1)
    stops = cv2.cvtColor(hsv.astype(np.float32)[None], cv2.COLOR_HSV2RGB)[0]
    places = np.linspace(0, 255, count)
    table = np.stack([np.interp(np.arange(256), places, stops[:, c]) for c in range(3)], axis=-1)
    return cv2.LUT(cv2.merge([grey] * 3), (255 * table).astype(np.uint8)[None])
