"""Sizes for testing."""
import cv2

from vosreg.registry import TRANSFORMS


@TRANSFORMS.register_module()
class ResizeShortSide:
    """Resize the frame, and the mask given with it, so that the short side has ``size`` pixels.

    The long side is rounded down, as XMem does. Larger images are bicubic as in STCN, smaller ones averaged over areas
    (no aliasing); the given mask takes nearest pixels. The ground truth and ``ori_shape`` stay as on disk: results are
    judged there.

    Args:
        size: Pixels.
    """

    def __init__(self, size: int = 480) -> None:
        self.size = size

    def __call__(self, results: dict) -> dict:
        height, width = results['image'].shape[:2]
        short = min(height, width)
        if short == self.size:
            return results
        new_size = (width * self.size // short, height * self.size // short)
        interpolation = cv2.INTER_AREA if self.size < short else cv2.INTER_CUBIC
        results['image'] = cv2.resize(results['image'], new_size, interpolation=interpolation)
        if 'given_mask' in results:
            results['given_mask'] = cv2.resize(results['given_mask'], new_size, interpolation=cv2.INTER_NEAREST_EXACT)
        return results
