"""Smooth plane shapes: functions that are positive inside, and their signed distance fields.

A shape maps coordinates x, y (float32 arrays, y downwards) to values that are positive inside, zero on the contour.
"""
from typing import Callable, Tuple

import cv2
import numpy as np

Shape = Callable[[np.ndarray, np.ndarray], np.ndarray]
Point = Tuple[float, float]

# Shapes lie inside the square [-LIMIT, LIMIT]^2; only a post is higher.
LIMIT = 1.6


def star(rng: np.random.Generator, centre: Point, radius: float, roughness: float = 0.16) -> Shape:
    """A wobbly disc: the radius is a random Fourier series of the angle."""
    orders = np.arange(2, 7)
    sizes, phases = rng.normal(0, roughness / (orders - 1)**0.7), rng.uniform(0, 2 * np.pi, len(orders))
    # The factor is the logarithm's, so the radius stays positive; its table is looked up by angle.
    angles = np.linspace(-np.pi, np.pi, 257)
    table = np.clip(np.exp((sizes * np.cos(np.outer(angles, orders) + phases)).sum(axis=1)), 0.4, 1.5) * radius
    stretch, turn = float(np.exp(rng.uniform(-0.5, 0.5))), float(rng.uniform(0, np.pi))
    cos, sin = float(np.cos(turn)), float(np.sin(turn))

    def shape(x, y):
        x, y = x - centre[0], y - centre[1]
        x, y = (cos * x + sin * y) * stretch, (cos * y - sin * x) / stretch
        return np.interp(np.arctan2(y, x), angles, table).astype(np.float32) - np.hypot(x, y)

    return shape


def box(centre: Point, half_width: float, half_height: float, power: float = 4) -> Shape:
    """A superellipse: an ellipse for power 2, a rounded rectangle above."""

    def shape(x, y):
        u, v = np.abs(x - centre[0]) / half_width, np.abs(y - centre[1]) / half_height
        return min(half_width, half_height) * (1 - (u**power + v**power)**(1 / power))

    return shape


def limb(start: Point, end: Point, start_radius: float, end_radius: float) -> Shape:
    """A line with round ends, thick from ``start_radius`` to ``end_radius``."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    length = max(dx * dx + dy * dy, 1e-9)

    def shape(x, y):
        along = np.clip(((x - start[0]) * dx + (y - start[1]) * dy) / length, 0, 1)
        distance = np.hypot(x - start[0] - along * dx, y - start[1] - along * dy)
        return start_radius + along * (end_radius - start_radius) - distance

    return shape


def ring(centre: Point, radius: float, thickness: float) -> Shape:
    """A circle drawn with a pen of the given thickness."""
    return lambda x, y: thickness / 2 - np.abs(np.hypot(x - centre[0], y - centre[1]) - radius)


def union(*shapes: Shape) -> Shape:
    """All that lies in any of the shapes."""

    def shape(x, y):
        return np.maximum.reduce([each(x, y) for each in shapes])

    return shape


def distance_field(shape: Shape, scale: float) -> Tuple[np.ndarray, Point]:
    """Sample a shape's signed distance to its contour around the shape.

    Args:
        shape: What to sample.
        scale: Samples (pixels) a unit of the shape's coordinates.

    Returns:
        Distance in pixels, positive inside, float32 [h, w], to first order (f / |grad f|), so good near the contour,
        where it matters; and the position (x, y) in pixels of the first sample.
    """
    # A coarse look finds where the shape is. The margin holds its contour and a soft edge.
    coarse = np.linspace(-LIMIT, LIMIT, 65, dtype=np.float32)
    step = float(coarse[1] - coarse[0])
    inside = shape(coarse[None], coarse[:, None]) > -step
    margin = step * scale + 3
    low, high = (
        [f(np.flatnonzero(inside.any(axis=axis))) for axis in (0, 1)] for f in (np.min, np.max))
    left, top = (int(np.floor(coarse[i] * scale - margin)) for i in low)
    right, bottom = (int(np.ceil(coarse[i] * scale + margin)) for i in high)
    x = np.arange(left, right + 1, dtype=np.float32)[None] / scale
    y = np.arange(top, bottom + 1, dtype=np.float32)[:, None] / scale
    values = np.ascontiguousarray(shape(x, y), np.float32)
    slope_x = cv2.Sobel(values, cv2.CV_32F, 1, 0, ksize=3, scale=1 / 8)
    slope_y = cv2.Sobel(values, cv2.CV_32F, 0, 1, ksize=3, scale=1 / 8)
    # Far from the contour the gradient may vanish (ridges) or grow without bound (the centre of a star).
    steepness = np.clip(cv2.magnitude(slope_x, slope_y), 0.3 / scale, 1.6 / scale)
    return values / steepness, (left, top)
