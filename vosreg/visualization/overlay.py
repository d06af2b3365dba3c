"""Masks drawn over frames."""
import cv2
import numpy as np

from vosreg.fileio import voc_palette


def overlay_mask(image: np.ndarray, mask: np.ndarray, alpha: float = 0.5, outline: bool = True) -> np.ndarray:
    """Blend the objects of an index mask over a frame in the colours of DAVIS.

    Args:
        image: RGB uint8 [H, W, 3].
        mask: Index mask uint8 [H, W], 0 is background.
        alpha: Share of the colour in the blend, in [0, 1].
        outline: Draw the objects' borders in full colour.

    Returns:
        A new RGB uint8 [H, W, 3].
    """
    colours = voc_palette()[mask]
    blend = cv2.addWeighted(image, 1 - alpha, colours, alpha, 0)
    drawing = np.where(mask[..., None] > 0, blend, image)
    if outline:
        # A pixel is on a border if the ids in its neighbourhood differ.
        kernel = np.ones((3, 3), np.uint8)
        border = (mask > 0) & (cv2.dilate(mask, kernel) != cv2.erode(mask, kernel))
        drawing[border] = colours[border]
    return drawing
