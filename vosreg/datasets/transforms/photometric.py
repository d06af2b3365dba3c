"""Photometric transforms of uint8 images; factors mean what they mean in torchvision."""
from typing import Callable, List, Sequence, Tuple

import cv2
import numpy as np

from vosreg.registry import TRANSFORMS


def adjust_brightness(image: np.ndarray, factor: float) -> np.ndarray:
    """Multiply an RGB uint8 [H, W, 3] image by ``factor``."""
    return cv2.LUT(image, _to_uint8(np.arange(256) * factor))


def adjust_contrast(image: np.ndarray, factor: float) -> np.ndarray:
    """Multiply the distance to the mean grey of an RGB uint8 [H, W, 3] image by ``factor``."""
    mean = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY).mean()
    return cv2.LUT(image, _to_uint8(np.arange(256) * factor + mean * (1 - factor)))


def adjust_saturation(image: np.ndarray, factor: float) -> np.ndarray:
    """Multiply the distance of each pixel of an RGB uint8 [H, W, 3] image to its own grey by ``factor``."""
    return cv2.addWeighted(image, factor, to_grayscale(image), 1 - factor, 0)


def adjust_hue(image: np.ndarray, shift: float) -> np.ndarray:
    """Turn the hue of an RGB uint8 [H, W, 3] image by ``shift`` of the full circle, -0.5 to 0.5."""
    hsv = cv2.cvtColor(image.astype(np.float32) / 255, cv2.COLOR_RGB2HSV)
    hsv[..., 0] = (hsv[..., 0] + 360 * shift) % 360
    return _to_uint8(cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB) * 255)


def to_grayscale(image: np.ndarray) -> np.ndarray:
    """The grey of an RGB uint8 [H, W, 3] image (0.299 R + 0.587 G + 0.114 B) in all three channels."""
    return cv2.cvtColor(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)


def _to_uint8(values: np.ndarray) -> np.ndarray:
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)


@TRANSFORMS.register_module()
class ColorJitter:
    """Change brightness, contrast, saturation and hue by random factors, in random order.

    A strength s draws the factor uniformly from [max(0, 1 - s), 1 + s]; for the hue a shift from [-s, s].

    Args:
        brightness: Strength.
        contrast: Strength.
        saturation: Strength.
        hue: Strength, at most 0.5.
        scope: 'clip': one draw for all frames; 'frame': each frame draws its own.
    """

    def __init__(self,
                 brightness: float = 0,
                 contrast: float = 0,
                 saturation: float = 0,
                 hue: float = 0,
                 scope: str = 'clip') -> None:
        if scope not in ('clip', 'frame'):
            raise ValueError(f"the scope of ColorJitter is 'clip' or 'frame', not {scope!r}")
        strengths = ((adjust_brightness, brightness), (adjust_contrast, contrast), (adjust_saturation, saturation))
        self.ranges = [(adjust, max(0, 1 - s), 1 + s) for adjust, s in strengths if s > 0]
        if hue > 0:
            self.ranges.append((adjust_hue, -hue, hue))
        self.scope = scope

    def __call__(self, results: dict) -> dict:
        images = results['images']
        if self.scope == 'clip':
            draws = [self._draw(results['rng'])] * len(images)
        else:
            draws = [self._draw(results['rng']) for _ in images]
        results['images'] = [_adjust(image, draw) for image, draw in zip(images, draws)]
        return results

    def _draw(self, rng: np.random.Generator) -> List[Tuple[Callable, float]]:
        adjustments = [(adjust, rng.uniform(low, high)) for adjust, low, high in self.ranges]
        return [adjustments[i] for i in rng.permutation(len(adjustments))]


def _adjust(image: np.ndarray, adjustments: Sequence[Tuple[Callable, float]]) -> np.ndarray:
    for adjust, factor in adjustments:
        image = adjust(image, factor)
    return image


@TRANSFORMS.register_module()
class RandomGrayscale:
    """Take the colour out of a clip.

    Args:
        prob: Probability.
    """

    def __init__(self, prob: float = 0.05) -> None:
        self.prob = prob

    def __call__(self, results: dict) -> dict:
        if results['rng'].random() < self.prob:
            results['images'] = [to_grayscale(image) for image in results['images']]
        return results
