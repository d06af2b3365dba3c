"""The camera: how it moves, and what it does to the picture besides projecting it."""
from typing import Tuple

import cv2
import numpy as np

from .motion import linear_maps, translations, wave


class CameraMotion:
    """Hand-held movement of the whole picture, and a pan that moves things more the nearer they are.

    Args:
        rng: Source of all randomness.
        size: (height, width) of the frame.
        num_frames: T.

    Attributes:
        matrices: Shake, roll and zoom about the middle of the frame, [T, 3, 3].
        pan: Shift of what is as far as the background, (x, y) in pixels, [T, 2].
    """

    def __init__(self, rng: np.random.Generator, size: Tuple[int, int], num_frames: int) -> None:
        short, t = min(size), np.arange(num_frames)
        shake = rng.normal(0, short * rng.choice([0, 0.002, 0.006], p=[0.4, 0.4, 0.2]), (num_frames, 2))
        roll = wave(rng, num_frames, rng.uniform(0, 0.06))
        zoom = np.exp(np.clip(rng.normal(0, 0.006) * t + wave(rng, num_frames, rng.uniform(0, 0.06)), -0.4, 0.4))
        middle = np.tile((np.array(size[::-1]) - 1) / 2, (num_frames, 1))
        self.matrices = translations(middle + shake) @ linear_maps(roll, zoom, zoom) @ translations(-middle)
        speed = short * min(0.03, np.exp(rng.normal(np.log(0.006), 1)))
        angle = rng.uniform(0, 2 * np.pi)
        drift = speed * np.array([np.cos(angle), 0.4 * np.sin(angle)]) * t[:, None]
        sway = [wave(rng, num_frames, amplitude * short) for amplitude in rng.uniform(0, (0.08, 0.03))]
        self.pan = drift + np.stack(sway, axis=-1)


class Photography:
    """Light, focus, shutter and sensor.

    Args:
        rng: Source of all randomness.
        size: (height, width) of the frame.
        num_frames: T.

    Attributes:
        shutter: How long the shutter is open, in frames.
    """

    def __init__(self, rng: np.random.Generator, size: Tuple[int, int], num_frames: int) -> None:
        self.shutter = rng.uniform(0.2, 0.8) if rng.random() < 0.5 else 0
        exposure = 1 + wave(rng, num_frames, rng.uniform(0, 0.12))
        tint = np.stack([wave(rng, num_frames, rng.uniform(0, 0.03)) for _ in range(3)], axis=-1)
        self._gain = (exposure[:, None] + tint).astype(np.float32)
        # Light and shade over the frame, through which the objects move.
        unevenness = rng.uniform(0, 0.5) * (rng.random() < 0.5)
        grid = (1 + unevenness * rng.uniform(-1, 0.6, (3, 4))).astype(np.float32)
        self._light = cv2.resize(grid, size[::-1], interpolation=cv2.INTER_CUBIC)[..., None]
        self._defocus = rng.uniform(0.4, 1.1) if rng.random() < 0.3 else 0
        self._noise = rng.uniform(0, 6)

    def develop(self, canvas: np.ndarray, t: int, rng: np.random.Generator) -> np.ndarray:
        """Turn what arrives at the lens, RGB float32 [H, W, 3], into the picture of frame t, same shape and type."""
        image = canvas * (self._light * self._gain[t])
        if self._defocus:
            image = cv2.GaussianBlur(image, (0, 0), self._defocus)
        # Bytes are many times faster than normal numbers. Their standard deviation is 73.9, their mean 127.5.
        noise = np.frombuffer(rng.bytes(image.size), np.uint8).reshape(image.shape).astype(np.float32)
        noise -= 127.5
        noise *= self._noise / 73.9
        return np.add(image, noise, out=image)
