"""Procedural patterns: grey fields, float32 [height, width] in [0, 1], for colour ramps and for mixing textures."""
from typing import Tuple

import cv2
import numpy as np

Size = Tuple[int, int]


def random_pattern(rng: np.random.Generator, size: Size) -> np.ndarray:
    """Draw a pattern of any kind."""
    draw = rng.choice([noise, stripes, checks, spots, cells, gradient], p=[0.3, 0.15, 0.12, 0.15, 0.15, 0.13])
    return draw(rng, size)


def noise(rng: np.random.Generator, size: Size) -> np.ndarray:
    """Octaves of smooth noise, sometimes drawn out along an axis like grain of wood."""
    cells = rng.integers(2, 7) * np.array(rng.choice([(1, 1), (1, 5), (5, 1)], p=[0.7, 0.15, 0.15]))
    persistence = rng.uniform(0.4, 0.85)
    field = np.zeros((1, 1), np.float32)
    for octave in range(5):
        shape = np.minimum(cells * 2**octave, size).tolist()
        field = cv2.resize(field, shape[::-1], interpolation=cv2.INTER_CUBIC)
        field += persistence**octave * rng.standard_normal(shape, np.float32)
    field = cv2.resize(field, size[::-1], interpolation=cv2.INTER_CUBIC)
    return _to_unit(field)


def stripes(rng: np.random.Generator, size: Size) -> np.ndarray:
    """Wavy stripes, from sine waves to hard bands."""
    along, across = _turned_grid(rng, size)
    across = across + rng.uniform(0, 0.08) * np.sin(2 * np.pi * rng.uniform(0.5, 3) * along)
    return _to_unit(np.tanh(rng.uniform(0.5, 6) * np.sin(2 * np.pi * rng.uniform(2, 14) * across)))


def checks(rng: np.random.Generator, size: Size) -> np.ndarray:
    """A turned board of cells of few grey levels."""
    board = rng.integers(0, rng.integers(2, 6), rng.integers(3, 14, 2)).astype(np.float32)
    along, across = _turned_grid(rng, size)
    columns = ((along + 0.7) * board.shape[1] / 1.4).astype(np.float32)
    rows = ((across + 0.7) * board.shape[0] / 1.4).astype(np.float32)
    return _to_unit(cv2.remap(board, columns, rows, cv2.INTER_NEAREST, borderMode=cv2.BORDER_REFLECT))


def spots(rng: np.random.Generator, size: Size) -> np.ndarray:
    """Discs of random radius and grey level on plain ground."""
    field = np.full(size, rng.random(), np.float32)
    largest = rng.uniform(0.02, 0.15)
    for _ in range(rng.integers(8, 60)):
        centre = (rng.random(2) * size[::-1]).astype(int).tolist()
        radius = 1 + int(rng.uniform(0.2, 1) * largest * max(size))
        cv2.circle(field, centre, radius, float(rng.random()), cv2.FILLED, cv2.LINE_AA)
    return field


def cells(rng: np.random.Generator, size: Size) -> np.ndarray:
    """Voronoi cells of random grey levels."""
    count = int(rng.integers(6, 80))
    ground = np.ones(size, np.uint8)
    ground[rng.integers(0, size[0], count), rng.integers(0, size[1], count)] = 0
    _, labels = cv2.distanceTransformWithLabels(ground, cv2.DIST_L2, 3, labelType=cv2.DIST_LABEL_PIXEL)
    return rng.random(count + 1, np.float32)[labels]


def gradient(rng: np.random.Generator, size: Size) -> np.ndarray:
    """A smooth passage from one side to the other with a little noise."""
    along, _ = _turned_grid(rng, size)
    return _to_unit(along + rng.uniform(0, 0.5) * noise(rng, size))


def _turned_grid(rng: np.random.Generator, size: Size) -> Tuple[np.ndarray, np.ndarray]:
    """Coordinates along and across a random direction, about -0.7..0.7."""
    y, x = np.mgrid[:size[0], :size[1]].astype(np.float32) / max(size) - 0.5
    angle = rng.uniform(0, np.pi)
    cos, sin = float(np.cos(angle)), float(np.sin(angle))
    return cos * x + sin * y, cos * y - sin * x


def _to_unit(field: np.ndarray) -> np.ndarray:
    low, high = field.min(), field.max()
    return (field - low) / max(high - low, 1e-6)
