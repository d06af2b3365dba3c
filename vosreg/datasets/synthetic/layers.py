"""A layer of a scene: a texture with a shape and a motion."""
from typing import List, Optional, Tuple

import cv2
import numpy as np

from .motion import Motion
from .shapes import random_shape
from .textures import random_texture

# Texture samples along a side of an object's square; a third more than the pixels that a large object covers.
OBJECT_RESOLUTION = 160


class Layer:
    """What is painted, in the layer's own coordinates, and how they map to a frame.

    Args:
        motion: Map between frame and layer.
        texture: RGB uint8 [h, w, 3] over the layer's area; mirrored beyond it.
        half_size: (x, y): the texture covers -x..x times -y..y.
        distance: Signed distance to the contour over the same area, in units of the layer, positive inside; None for a
            background, which is everywhere.
    """

    def __init__(self,
                 motion: Motion,
                 texture: np.ndarray,
                 half_size: Tuple[float, float],
                 distance: Optional[np.ndarray] = None) -> None:
        self.motion = motion
        self.texture = texture
        self.half_size = half_size
        self.distance = distance

    def sample_texture(self, u: np.ndarray, v: np.ndarray) -> np.ndarray:
        """RGB float32 [H, W, 3] at layer coordinates [H, W]."""
        columns, rows = self._to_samples(u, v)
        texture = cv2.remap(self.texture, columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101)
        return texture.astype(np.float32)

    def sample_distance(self, u: np.ndarray, v: np.ndarray) -> np.ndarray:
        """Signed distance to the contour, in units of the layer, at layer coordinates [H, W]."""
        columns, rows = self._to_samples(u, v)
        return cv2.remap(
            self.distance, columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=-1)

    def box(self, t: int, size: Tuple[int, int], shake: np.ndarray) -> Tuple[slice, slice]:
        """Rows and columns of the frame that an object can touch at time t."""
        height, width = size
        reach = self.motion.reach(t) + 1
        x, y = (self.motion.position[i](t) + shake[i] for i in (0, 1))
        return (slice(max(0, int(y - reach)), min(height, int(y + reach) + 2)),
                slice(max(0, int(x - reach)), min(width, int(x + reach) + 2)))

    def _to_samples(self, u: np.ndarray, v: np.ndarray) -> Tuple[np.ndarray, np.ndarray]:
        height, width = self.texture.shape[:2]
        columns = (u / self.half_size[0] + 1) * (width / 2) - 0.5
        rows = (v / self.half_size[1] + 1) * (height / 2) - 0.5
        return columns.astype(np.float32), rows.astype(np.float32)


def background_layer(rng: np.random.Generator, size: Tuple[int, int], num_frames: int, split: str) -> Layer:
    """A texture larger than the frame under a camera that pans, turns and zooms."""
    height, width = size
    motion = Motion(
        rng,
        centre=(width / 2, height / 2),
        scale=height / 2,
        speed=0.006 * height,
        swing=0.03 * height,
        turn=0.003,
        bend=0.03,
        zoom=0.15)
    half_size = 1.5 * width / height, 1.5
    return Layer(motion, random_texture(rng, (round(1.4 * height), round(1.4 * width)), split), half_size)


def object_layer(rng: np.random.Generator, size: Tuple[int, int], others: List[Layer], split: str) -> Layer:
    """An object somewhere in the frame; sometimes it looks like another object or like the background."""
    height, width = size
    motion = Motion(
        rng,
        centre=(rng.uniform(0.1, 0.9) * width, rng.uniform(0.1, 0.9) * height),
        scale=height * np.exp(rng.uniform(np.log(0.1), np.log(0.5))),
        speed=0.012 * height,
        swing=0.06 * height,
        turn=0.02,
        bend=0.25,
        zoom=0.3)
    distance = random_shape(rng, OBJECT_RESOLUTION)
    texture = random_texture(rng, (OBJECT_RESOLUTION, OBJECT_RESOLUTION), split)
    look = rng.random()
    if look < 0.25 and len(others) > 1:
        twin = others[int(rng.integers(1, len(others)))]
        texture = twin.texture
        if rng.random() < 0.5:
            distance = twin.distance
    elif look < 0.33:
        texture = cv2.resize(others[0].texture, (OBJECT_RESOLUTION, OBJECT_RESOLUTION), interpolation=cv2.INTER_AREA)
    return Layer(motion, texture, (1, 1), distance)
