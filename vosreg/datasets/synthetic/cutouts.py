"""Things cut out of photographs, that act in a scene like its painted figures."""
from typing import NamedTuple, Tuple

import cv2
import numpy as np

from vosreg.fileio import read_cutout

from .layers import EDGE
from .pictures import Pictures
from .textures import vary_colour


class Cutout(NamedTuple):
    """A thing: its colours, RGB uint8 [h, w, 3], and how opaque it is, uint8 [h, w]."""
    colour: np.ndarray
    alpha: np.ndarray


def draw_cutout(rng: np.random.Generator, pictures: Pictures) -> Cutout:
    """One of a split's things, in other colours."""
    image = read_cutout(pictures.cutouts[int(rng.integers(len(pictures.cutouts)))])
    return Cutout(vary_colour(rng, np.ascontiguousarray(image[..., :3])), np.ascontiguousarray(image[..., 3]))


def fit(cutout: Cutout, radius: float) -> Tuple[np.ndarray, np.ndarray, Tuple[float, float]]:
    """Bring a thing to the size of a figure: the mean of its height and width, with what is transparent, is two units.

    Args:
        cutout: The thing.
        radius: Pixels a unit.

    Returns:
        Its texture, RGB uint8 [h, w, 3]; the signed distance to its contour in pixels, positive inside, float32 [h, w];
        and the position (x, y) in pixels of the first sample, with the middle of the thing at the origin.
    """
    height, width = cutout.alpha.shape
    scale = 4 * radius / (height + width)
    margin = 2 * EDGE
    size = tuple(max(1, round(scale * n)) for n in (width, height))
    # What is transparent has no colour to mix with.
    share = cutout.alpha[..., None] / np.float32(255)
    painted = np.concatenate([cutout.colour * share, share], axis=-1)
    painted = cv2.resize(painted, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    painted = cv2.copyMakeBorder(painted, *[margin] * 4, cv2.BORDER_CONSTANT, value=0)
    alpha = painted[..., 3]
    inside = (alpha > 0.5 * alpha.max()).astype(np.uint8)
    distance = (cv2.distanceTransform(inside, cv2.DIST_L2, cv2.DIST_MASK_PRECISE) -
                cv2.distanceTransform(1 - inside, cv2.DIST_L2, cv2.DIST_MASK_PRECISE))
    # The contour runs half-way between the last sample inside and the first outside.
    distance -= 0.5 * np.sign(distance)
    # Where it is hardly opaque it has the colours nearby, which show through the soft edge.
    painted = np.where(alpha[..., None] < 0.5, cv2.GaussianBlur(painted, (0, 0), 1.5), painted)
    texture = painted[..., :3] / np.maximum(painted[..., 3:], 1e-3)
    origin = tuple(-(n - 1) / 2 for n in distance.shape[::-1])
    return np.clip(texture + 0.5, 0, 255).astype(np.uint8), distance, origin
