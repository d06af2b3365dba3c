"""Geometric transforms: each composes into one matrix a frame, and the clip is warped once.

A matrix maps pixel coordinates (x, y, 1) of the frame on disk to those of the output; the centres of pixels have
integer coordinates. Composing instead of resampling step by step keeps the images sharp, and shows true content where a
step of its own would have shown the border: a rotation after a crop sees beyond the crop, up to the edge of the frame.
"""
import math
from typing import Optional, Sequence, Tuple, Union

import cv2
import numpy as np

from vosreg.registry import TRANSFORMS

INTERPOLATIONS = {'bilinear': cv2.INTER_LINEAR, 'bicubic': cv2.INTER_CUBIC}


def geometry(results: dict) -> Tuple[np.ndarray, Tuple[int, int]]:
    """The matrices composed so far, float64 [T, 3, 3], and the size (H, W) of the output."""
    if 'matrices' in results:
        return results['matrices'], results['out_size']
    return np.tile(np.eye(3), (len(results['images']), 1, 1)), results['images'][0].shape[:2]


def compose(results: dict, matrices: np.ndarray, out_size: Tuple[int, int]) -> dict:
    """Apply further matrices, [3, 3] or [T, 3, 3], after the present ones.

    Args:
        results: Of the pipeline; gets ``matrices`` and ``out_size``.
        matrices: From the coordinates of the present output to those of the new one.
        out_size: (H, W) of the new output.
    """
    results['matrices'] = matrices @ geometry(results)[0]
    results['out_size'] = tuple(out_size)
    return results


@TRANSFORMS.register_module()
class RandomFlip:
    """Mirror the clip left to right.

    Args:
        prob: Probability.
    """

    def __init__(self, prob: float = 0.5) -> None:
        self.prob = prob

    def __call__(self, results: dict) -> dict:
        size = geometry(results)[1]
        flip = results['rng'].random() < self.prob
        return compose(results, np.array([[-1, 0, size[1] - 1], [0, 1, 0], [0, 0, 1]]) if flip else np.eye(3), size)


@TRANSFORMS.register_module()
class RandomResizedCrop:
    """Crop the clip to a random area and aspect ratio and resize the crop; the conventions are torchvision's.

    Args:
        size: Of the output: (H, W), or the side of a square.
        scale: Range of the crop's area as a share of the frame.
        ratio: Range of the crop's width / height, drawn uniformly in its logarithm.
    """

    def __init__(self,
                 size: Union[int, Tuple[int, int]],
                 scale: Tuple[float, float] = (0.36, 1.0),
                 ratio: Tuple[float, float] = (3 / 4, 4 / 3)) -> None:
        self.size = (size, size) if isinstance(size, int) else tuple(size)
        self.scale = scale
        self.ratio = ratio

    def __call__(self, results: dict) -> dict:
        top, left, height, width = self._draw(*geometry(results)[1], results['rng'])
        zoom_y, zoom_x = self.size[0] / height, self.size[1] / width
        # Edges of pixels (centre -/+ 0.5), not their centres, coincide with the edges of the crop.
        shift_x, shift_y = (0.5 - left) * zoom_x - 0.5, (0.5 - top) * zoom_y - 0.5
        return compose(results, np.array([[zoom_x, 0, shift_x], [0, zoom_y, shift_y], [0, 0, 1]]), self.size)

    def _draw(self, height: int, width: int, rng: np.random.Generator) -> Tuple[int, int, int, int]:
        for _ in range(10):
            area = height * width * rng.uniform(*self.scale)
            ratio = math.exp(rng.uniform(math.log(self.ratio[0]), math.log(self.ratio[1])))
            crop_width, crop_height = round(math.sqrt(area * ratio)), round(math.sqrt(area / ratio))
            if 0 < crop_width <= width and 0 < crop_height <= height:
                top, left = rng.integers((height - crop_height + 1, width - crop_width + 1))
                return int(top), int(left), crop_height, crop_width
        # A frame too narrow for such crops gives the largest crop in its middle with an aspect ratio in the range.
        crop_width = min(width, round(height * self.ratio[1]))
        crop_height = min(height, round(width / self.ratio[0]))
        return (height - crop_height) // 2, (width - crop_width) // 2, crop_height, crop_width


@TRANSFORMS.register_module()
class RandomFrameAffine:
    """Rotate, shear, scale and shift each frame by itself, about its centre; the conventions are torchvision's.

    Args:
        rotation: Largest angle in degrees, either way.
        shear: Largest shear along x in degrees, either way.
        scale: Range of the scale.
        translation: Largest shift as a share of the width and of the height, either way.
    """

    def __init__(self,
                 rotation: float = 15,
                 shear: float = 10,
                 scale: Tuple[float, float] = (1.0, 1.0),
                 translation: float = 0) -> None:
        self.rotation = rotation
        self.shear = shear
        self.scale = scale
        self.translation = translation

    def __call__(self, results: dict) -> dict:
        matrices, size = geometry(results)
        rng = results['rng']
        drawn = []
        for _ in matrices:
            angle = rng.uniform(-self.rotation, self.rotation)
            shear = rng.uniform(-self.shear, self.shear)
            scale = rng.uniform(*self.scale)
            shift = rng.uniform(-self.translation, self.translation, 2) * size[::-1]
            drawn.append(affine_matrix(size, angle, shear, scale, shift))
        return compose(results, np.stack(drawn), size)


def affine_matrix(size: Tuple[int, int], angle: float, shear: float, scale: float,
                  shift: Sequence[float]) -> np.ndarray:
    """Shear along x, then rotate (positive is clockwise on the screen) and scale about the centre, then shift.

    Args:
        size: (H, W).
        angle: Degrees.
        shear: Degrees.
        scale: Factor.
        shift: (x, y) in pixels.

    Returns:
        float64 [3, 3].
    """
    cos, sin = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    linear = scale * np.array([[cos, -sin], [sin, cos]]) @ np.array([[1, -math.tan(math.radians(shear))], [0, 1]])
    centre = np.array([(size[1] - 1) / 2, (size[0] - 1) / 2])
    matrix = np.eye(3)
    matrix[:2, :2] = linear
    matrix[:2, 2] = centre + shift - linear @ centre
    return matrix


@TRANSFORMS.register_module()
class WarpClip:
    """Resample the clip by the composed matrices, once. The last of the geometric transforms.

    ``images``, ``masks`` and, if there are any, ``proposals`` get the size ``out_size``; frames that
    :class:`RandomThinPlateSpline` bends are bent by the same resampling. Masks and proposals take the
    nearest pixel, and 0 outside the frame. Where a matrix shrinks, the image is smoothed first, as every good resize
    does.

    Args:
        fill: RGB outside of the frame; by default about the mean colour of ImageNet.
        interpolation: 'bicubic' (STCN) or 'bilinear' (XMem).
    """

    def __init__(self, fill: Tuple[int, int, int] = (124, 116, 104), interpolation: str = 'bicubic') -> None:
        if interpolation not in INTERPOLATIONS:
            raise ValueError(f'interpolation is one of {sorted(INTERPOLATIONS)}, not {interpolation!r}')
        self.fill = tuple(fill)
        self.interpolation = INTERPOLATIONS[interpolation]

    def __call__(self, results: dict) -> dict:
        matrices, size = geometry(results)
        bends = results.pop('bends', [None] * len(matrices))
        for t, (matrix, bend) in enumerate(zip(matrices, bends)):
            image = _smooth_for(matrix, results['images'][t])
            results['images'][t] = _resample(image, matrix, bend, size, self.interpolation, self.fill)
            for name in {'masks', 'proposals'} & results.keys():
                results[name][t] = _resample(results[name][t], matrix, bend, size, cv2.INTER_NEAREST, 0)
        return results


def _resample(image: np.ndarray, matrix: np.ndarray, bend: Optional[np.ndarray], size: Tuple[int, int], flags: int,
              fill: Union[int, Tuple[int, int, int]]) -> np.ndarray:
    height, width = size
    if bend is None:
        return cv2.warpAffine(image, matrix[:2], (width, height), flags=flags, borderValue=fill)
    inverse = np.linalg.inv(matrix)[:2].astype(np.float32)
    x = np.arange(width, dtype=np.float32) + bend[..., 0]
    y = np.arange(height, dtype=np.float32)[:, None] + bend[..., 1]
    source_x, source_y = (row[0] * x + row[1] * y + row[2] for row in inverse)
    return cv2.remap(image, source_x, source_y, flags, borderMode=cv2.BORDER_CONSTANT, borderValue=fill)


def _smooth_for(matrix: np.ndarray, image: np.ndarray) -> np.ndarray:
    """Remove the detail that an output ``matrix`` smaller cannot show (anti-aliasing).

    Shrinking by a factor f along an axis takes a Gaussian of 0.4 sqrt(f^2 - 1) pixels: of those tried it comes closest
    to the anti-aliased bicubic resize that official training uses.
    """
    shrink_x, shrink_y = 1 / np.linalg.norm(matrix[:2, :2], axis=0)
    sigma_x, sigma_y = (0.4 * math.sqrt(max(shrink**2 - 1, 0)) for shrink in (shrink_x, shrink_y))
    if max(sigma_x, sigma_y) < 0.1:
        return image
    # OpenCV takes 0 for "choose a sigma".
    return cv2.GaussianBlur(image, (0, 0), max(sigma_x, 1e-3), sigmaY=max(sigma_y, 1e-3))
