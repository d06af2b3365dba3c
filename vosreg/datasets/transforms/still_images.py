"""Making a clip of one image: the frames show it enlarged, cropped and bent in different ways.

Together with the transforms for videos these are the pseudo clips that STM, STCN and XMem are pre-trained with.
"""
from typing import Tuple

import cv2
import numpy as np
from scipy.interpolate import RBFInterpolator

from vosreg.registry import TRANSFORMS

from .geometric import affine_matrix, compose, geometry


@TRANSFORMS.register_module()
class RepeatImage:
    """Make a clip of T times the first frame. Takes the place of :class:`SampleFrames`.

    Args:
        num_frames: T, the frames of a clip.
    """

    def __init__(self, num_frames: int = 3) -> None:
        self.num_frames = num_frames

    def __call__(self, results: dict) -> dict:
        results['frame_ids'] = [0] * self.num_frames
        return results


@TRANSFORMS.register_module()
class RandomZoom:
    """Scale all frames of the clip alike about their centre; the size stays.

    Args:
        scale: Range of the factor.
    """

    def __init__(self, scale: Tuple[float, float] = (0.8, 1.5)) -> None:
        self.scale = scale

    def __call__(self, results: dict) -> dict:
        size = geometry(results)[1]
        return compose(results, affine_matrix(size, 0, 0, results['rng'].uniform(*self.scale), (0, 0)), size)


@TRANSFORMS.register_module()
class RandomFrameCrop:
    """Resize the frames so that the short side has ``size`` pixels, then crop a square of each at a place of its own.

    Args:
        size: Side of the square.
    """

    def __init__(self, size: int = 384) -> None:
        self.size = size

    def __call__(self, results: dict) -> dict:
        matrices, (height, width) = geometry(results)
        short = min(height, width)
        resized = np.array([height, width]) * self.size // short
        zoom_y, zoom_x = resized / (height, width)
        crops = []
        for _ in matrices:
            top, left = results['rng'].integers(resized - self.size + 1)
            # Edges of pixels (centre -/+ 0.5), not their centres, coincide with the edges of the frame.
            crops.append([[zoom_x, 0, 0.5 * zoom_x - 0.5 - left], [0, zoom_y, 0.5 * zoom_y - 0.5 - top], [0, 0, 1]])
        return compose(results, np.array(crops), (self.size, self.size))


@TRANSFORMS.register_module()
class RandomThinPlateSpline:
    """Bend some of the frames by thin-plate splines: control points move, all between them follows smoothly.

    The bending is part of the one resampling of :class:`WarpClip`, which has to come next. Adds ``bends``: for each
    frame float32 [H, W, 2], how far from an output pixel lies the (x, y) that is shown there, or None.

    Args:
        prob: Probability for each frame.
        num_points: Control points, anywhere in the frame.
        scale: Standard deviation of their movement as a share of the width and of the height.
    """
    spacing = 4  # Pixels between the places where the spline is evaluated; it is smooth, so the rest is interpolated.

    def __init__(self, prob: float = 0.33, num_points: int = 12, scale: float = 0.02) -> None:
        self.prob = prob
        self.num_points = num_points
        self.scale = scale

    def __call__(self, results: dict) -> dict:
        matrices, size = geometry(results)
        rng = results['rng']
        results['bends'] = [self._draw(size, rng) if rng.random() < self.prob else None for _ in matrices]
        return results

    def _draw(self, size: Tuple[int, int], rng: np.random.Generator) -> np.ndarray:
        extent = np.array(size[::-1])
        points = rng.uniform(0, extent, (self.num_points, 2))
        spline = RBFInterpolator(points, rng.normal(0, self.scale, points.shape) * extent, kernel='thin_plate_spline')
        columns, rows = (np.arange(0, side + self.spacing, self.spacing) for side in extent)
        grid = np.stack(np.meshgrid(columns, rows), axis=-1)
        coarse = spline(grid.reshape(-1, 2)).reshape(grid.shape).astype(np.float32)
        enlarge = np.diag([self.spacing, self.spacing, 1.0])[:2]
        return cv2.warpAffine(coarse, enlarge, tuple(extent.tolist()), flags=cv2.INTER_LINEAR,
                              borderMode=cv2.BORDER_REPLICATE)
