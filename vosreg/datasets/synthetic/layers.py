"""A layer of a scene: a painted shape with a motion."""
from typing import List, Optional, Tuple

import cv2
import numpy as np

from .motion import Motion

# How far the soft edge and the interpolation reach beyond the contour, in pixels.
EDGE = 2


class Layer:
    """What is painted, in the layer's own coordinates (pixels of about frame 0's size), and how it moves.

    Args:
        motion: Map between layer and frame.
        texture: RGB uint8 [h, w, 3]; mirrored beyond its border.
        origin: (x, y) of the first sample of texture and distance.
        distance: Signed distance to the contour, float32 [h, w], positive inside; None for a background, which is
            everywhere.
        figure: Number of the figure that the layer is part of; 0 for the background.
    """

    def __init__(self,
                 motion: Motion,
                 texture: np.ndarray,
                 origin: Tuple[float, float],
                 distance: Optional[np.ndarray] = None,
                 figure: int = 0) -> None:
        self.motion = motion
        self.texture = texture
        self.origin = origin
        self.distance = distance
        self.figure = figure
        self.centre = tuple(o + (n - 1) / 2 for o, n in zip(origin, texture.shape[1::-1]))
        if distance is not None:
            self._contours = _contours(distance, origin)

    def covers(self, t: int, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Whether the layer lies at the positions (x, y) of frame t, bool like the arrays [H, W]."""
        if self.distance is None:
            return np.ones(np.broadcast_shapes(x.shape, y.shape), bool)
        return self._sample(self.distance, *self.motion.to_layer(t, x, y), cv2.BORDER_REPLICATE) > 0

    def contours(self, t: int) -> List[np.ndarray]:
        """Points (x, y) of frame t just outside of each contour, holes included, each float64 [P, 2]."""
        return [np.stack(self.motion.to_frame(t, *contour.T), axis=-1) for contour in self._contours]

    def box(self, t: int, size: Tuple[int, int], margin: int = EDGE) -> Tuple[slice, slice]:
        """Rows and columns of frame t that the layer can touch; they may be empty."""
        if self.distance is None:
            return slice(0, size[0]), slice(0, size[1])
        slices = []
        points = np.concatenate(self.contours(t))
        for positions, length in zip(points.T[::-1], size):
            first, last = positions.min() - margin, positions.max() + margin
            slices.append(slice(int(np.clip(first, 0, length)), int(np.clip(last + 2, 0, length))))
        return tuple(slices)

    def paint(self, t: int, canvas: np.ndarray, top: np.ndarray, shutter: float) -> None:
        """Draw the layer over frame t.

        Args:
            t: Frame.
            canvas: RGB float32 [H, W, 3], changed in place.
            top: Number of the figure on top, uint8 [H, W], changed in place.
            shutter: How long the shutter is open, in frames; it smears the picture along the layer's motion. The mask
                is that of the middle of the exposure.
        """
        kernel = line_kernel(shutter * self.motion.velocity(t, self.centre)) if shutter else None
        rows, columns = self.box(t, top.shape, EDGE if kernel is None else EDGE + len(kernel) // 2)
        if rows.start >= rows.stop or columns.start >= columns.stop:
            return
        x = np.arange(columns.start, columns.stop, dtype=np.float32)[None]
        y = np.arange(rows.start, rows.stop, dtype=np.float32)[:, None]
        u, v = self.motion.to_layer(t, x, y)
        colour = self._sample(self.texture, u, v, cv2.BORDER_REFLECT_101).astype(np.float32)
        if self.distance is None:
            canvas[:] = colour if kernel is None else cv2.filter2D(colour, -1, kernel)
            return
        distance = self._sample(self.distance, u, v, cv2.BORDER_REPLICATE)
        # The edge is soft over one pixel.
        alpha = np.clip(distance * self.motion.scale(t) + 0.5, 0, 1)[..., None]
        colour *= alpha
        if kernel is not None:
            colour = cv2.filter2D(colour, -1, kernel, borderType=cv2.BORDER_REPLICATE)
            alpha = cv2.filter2D(alpha, -1, kernel, borderType=cv2.BORDER_REPLICATE)[..., None]
        region = canvas[rows, columns]
        region *= 1 - alpha
        region += colour
        top[rows, columns][distance > 0] = self.figure

    def _sample(self, source: np.ndarray, u: np.ndarray, v: np.ndarray, border: int) -> np.ndarray:
        columns, rows = np.float32(u - self.origin[0]), np.float32(v - self.origin[1])
        return cv2.remap(source, columns, rows, cv2.INTER_LINEAR, borderMode=border)


def _contours(distance: np.ndarray, origin: Tuple[float, float]) -> List[np.ndarray]:
    """Points (x, y) just outside of each contour, holes included, each float64 [P, 2]."""
    contours, _ = cv2.findContours((distance > -1).astype(np.uint8), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    return [contour[:, 0] + np.float64(origin) for contour in contours]


def line_kernel(move: np.ndarray, longest: float = 12) -> Optional[np.ndarray]:
    """The blur of a point that moves by (x, y) pixels: a line through the middle, or None below a pixel.

    Args:
        move: (x, y) in pixels.
        longest: Longer moves are cut to this.

    Returns:
        float32 [n, n] with odd n, sums to 1.
    """
    length = float(np.hypot(*move))
    if length < 1:
        return None
    half = 0.5 * move * min(1, longest / length)
    radius = int(np.ceil(np.abs(half).max()))
    kernel = np.zeros((2 * radius + 1, 2 * radius + 1), np.float32)
    shift = 4
    end = np.round((radius + half) * 2**shift).astype(int).tolist()
    start = np.round((radius - half) * 2**shift).astype(int).tolist()
    cv2.line(kernel, start, end, 1.0, 1, cv2.LINE_8, shift)
    return kernel / kernel.sum()
