"""What layers are painted with: windows of photographs, coloured patterns and mixtures of them."""
from pathlib import Path
from typing import Tuple

import cv2
import numpy as np

from .patterns import noise, random_pattern
from .pictures import Pictures, read_photograph


def random_texture(rng: np.random.Generator, size: Tuple[int, int], pictures: Pictures) -> np.ndarray:
    """Draw a texture.

    Args:
        rng: Source of all randomness.
        size: (height, width) in pixels.
        pictures: The photographs.

    Returns:
        RGB uint8 [height, width, 3].
    """
    texture = _single_texture(rng, size, pictures)
    if rng.random() < 0.3:
        texture = mix(texture, _single_texture(rng, size, pictures), region(rng, size))
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


def _single_texture(rng: np.random.Generator, size: Tuple[int, int], pictures: Pictures) -> np.ndarray:
    if rng.random() < 0.55:
        texture = _photograph(rng, size, pictures)
        return vary_colour(rng, texture) if texture.ndim == 3 else _colourise(rng, texture)
    pattern = random_pattern(rng, size)
    # No real surface is perfectly plain.
    grain = rng.uniform(0, 0.3)
    return _colourise(rng, ((1 - grain) * 255 * pattern + grain * 255 * noise(rng, size)).astype(np.uint8))


def view(rng: np.random.Generator, size: Tuple[int, int], path: Path) -> np.ndarray:
    """A large window of a photograph, hardly turned, in other colours unless grey, RGB uint8 [height, width, 3]."""
    scene = _window(rng, size, path, share=rng.uniform(0.6, 1), angle=rng.normal(0, 0.05))
    return vary_colour(rng, scene) if scene.ndim == 3 else cv2.merge([scene] * 3)


def _photograph(rng: np.random.Generator, size: Tuple[int, int], pictures: Pictures) -> np.ndarray:
    """A random window of a photograph, turned and mirrored; a grey one is [height, width]."""
    path = pictures.photographs[int(rng.integers(len(pictures.photographs)))]
    share = rng.uniform(0.25, 1)
    angle = rng.normal(0, 0.3) if rng.random() < 0.6 else rng.uniform(0, 2 * np.pi)
    return _window(rng, size, path, share, angle)


def _window(rng: np.random.Generator, size: Tuple[int, int], path: Path, share: float, angle: float) -> np.ndarray:
    """A window of a photograph whose longer side is this share of the photograph's shorter one."""
    window = share * min(read_photograph(path).shape[:2])
    # The warp takes single samples: shrink beforehand, not to skip over detail.
    halvings = max(0, round(np.log2(window / max(size))))
    photograph = read_photograph(path, halvings)
    scale = window / 2**halvings / max(size)
    linear = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    linear[:, 0] *= rng.choice([-1, 1])
    centre = rng.uniform(0.3, 0.7, 2) * photograph.shape[1::-1]
    offset = centre - linear @ (np.array(size[::-1]) / 2)
    return cv2.warpAffine(photograph, np.column_stack([linear, offset]), size[::-1],
                          flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_REFLECT_101)


def vary_colour(rng: np.random.Generator, texture: np.ndarray) -> np.ndarray:
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
