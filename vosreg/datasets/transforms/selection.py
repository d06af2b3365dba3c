"""Which objects of a training clip the model is told of."""
from typing import Optional

import numpy as np

from vosreg.fileio import VOID_ID
from vosreg.registry import TRANSFORMS


@TRANSFORMS.register_module()
class SelectObjects:
    """Keep up to ``max_objects`` objects of the first frame of the clip, numbered 1..N in the order drawn.

    They are drawn uniformly among the ids seen there, so after the warp: an object that augmentation pushed out of the
    first frame cannot be learned from. Others, and void (255), become background. Returns None when there is no object,
    so that the data set draws another clip.

    Args:
        max_objects: The most objects to keep.
        min_pixels: Objects smaller than this in the first frame do not count.
    """

    def __init__(self, max_objects: int = 2, min_pixels: int = 1) -> None:
        self.max_objects = max_objects
        self.min_pixels = max(1, min_pixels)

    def __call__(self, results: dict) -> Optional[dict]:
        areas = np.bincount(results['masks'][0].ravel(), minlength=256)[1:VOID_ID]
        ids = np.flatnonzero(areas >= self.min_pixels) + 1
        if not len(ids):
            return None
        chosen = results['rng'].permutation(ids)[:self.max_objects]
        new_ids = np.zeros(256, np.uint8)
        new_ids[chosen] = np.arange(1, len(chosen) + 1)
        results['masks'] = [new_ids[mask] for mask in results['masks']]
        return results


@TRANSFORMS.register_module()
class DropFaintObjects:
    """Make objects background that are hardly seen in the first frame of the clip, as official training on BL30K does.

    An object stays if it has more than ``min_pixels`` there, and either more than ``sure_pixels``, or fewer than
    ``later_pixels`` in every later frame: a small thing may stay small, but not be the tip of a large one.

    Args:
        min_pixels: Pixels.
        sure_pixels: Pixels.
        later_pixels: Pixels.
    """

    def __init__(self, min_pixels: int = 100, sure_pixels: int = 900, later_pixels: int = 400) -> None:
        self.min_pixels = min_pixels
        self.sure_pixels = sure_pixels
        self.later_pixels = later_pixels

    def __call__(self, results: dict) -> dict:
        first, *later = (np.bincount(mask.ravel(), minlength=256) for mask in results['masks'])
        stays_small = np.all([areas < self.later_pixels for areas in later], axis=0)
        keep = (first > self.min_pixels) & ((first > self.sure_pixels) | stays_small)
        ids = np.where(keep, np.arange(256), 0).astype(np.uint8)
        results['masks'] = [ids[mask] for mask in results['masks']]
        return results


@TRANSFORMS.register_module()
class DropAnnotations:
    """Make the clip an unlabelled one, from which only correspondence is learned: all is background.

    Takes the place of :class:`SelectObjects`, to try how much a few labelled videos and many others teach.
    """

    def __call__(self, results: dict) -> dict:
        results['masks'] = [np.zeros_like(mask) for mask in results['masks']]
        return results
