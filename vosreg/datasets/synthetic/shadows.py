"""Shadows that figures cast on what lies behind them."""
from dataclasses import dataclass
from typing import Sequence, Tuple

import cv2
import numpy as np

from .layers import Layer

# cv2.fillPoly takes positions in parts of a pixel, this many bits of them.
SUBPIXEL_BITS = 4


@dataclass(frozen=True)
class Sun:
    """Where the shadows of a scene fall, and how dark and soft they are.

    Attributes:
        slant: Pixels by which a shadow goes to the right for each pixel of height above the figure's lowest point.
        length: Pixels by which it goes up for each pixel of height: 1 on a wall behind the figure, less on the ground,
            negative where it falls towards the camera.
        shift: Of the whole shadow, (x, y) in pixels.
        darkness: Share of the light that is missing in its middle.
        blur: Standard deviation of its edge in pixels.
    """
    slant: float
    length: float
    shift: Tuple[float, float]
    darkness: float
    blur: float

    @classmethod
    def draw(cls, rng: np.random.Generator, short: int) -> 'Sun':
        """A random one for frames whose shorter side has ``short`` pixels: shadows on the ground, or on a wall."""
        if rng.random() < 0.7:
            slant, length, shift = rng.uniform(-1.5, 1.5), rng.choice([-1, 1]) * rng.uniform(0.1, 0.7), (0, 0)
        else:
            slant, length, shift = 0, 1, tuple(short * rng.uniform(-0.15, 0.15, 2))
        return cls(slant, length, shift, darkness=rng.uniform(0.2, 0.65), blur=short * rng.uniform(0.002, 0.015))

    def cast(self, parts: Sequence[Layer], t: int, canvas: np.ndarray) -> None:
        """Darken what a figure shades; call it before the figure is painted.

        Args:
            parts: The figure's layers.
            t: Frame.
            canvas: RGB float32 [H, W, 3], changed in place.
        """
        outlines = [part.contours(t) for part in parts]
        foot = max(contour[:, 1].max() for contours in outlines for contour in contours)
        shade = np.zeros(canvas.shape[:2], np.uint8)
        for contours in outlines:
            # One part at a time: what lies inside of two contours of one call stays empty, which is for holes.
            points = [np.round(self._project(contour, foot) * 2**SUBPIXEL_BITS).astype(np.int32)
                      for contour in contours]
            cv2.fillPoly(shade, points, 255, cv2.LINE_AA, SUBPIXEL_BITS)
        light = 1 - cv2.GaussianBlur(shade, (0, 0), self.blur).astype(np.float32) * (self.darkness / 255)
        canvas *= light[..., None]

    def _project(self, points: np.ndarray, foot: float) -> np.ndarray:
        """Where the shadow of points (x, y) [P, 2] of a figure falls whose lowest point has this y."""
        height = foot - points[:, 1]
        return np.stack([points[:, 0] + self.slant * height, foot - self.length * height], axis=-1) + self.shift
