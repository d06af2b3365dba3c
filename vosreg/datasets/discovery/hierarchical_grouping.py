"""Objects of an image, found without labels."""
from typing import Optional

import cv2
import numpy as np
from skimage.segmentation import felzenszwalb

from vosreg.fileio import LARGEST_ID
from vosreg.registry import TASK_UTILS

from .region_tree import RegionTree, build_region_tree


@TASK_UTILS.register_module()
class HierarchicalGrouping:
    """Regions that stand out, by merging segments as Selective Search does (Uijlings et al., IJCV 2013).

    The segments of Felzenszwalb and Huttenlocher (IJCV 2004) are merged greedily into a tree of regions (see
    :func:`~vosreg.datasets.discovery.region_tree.build_region_tree`). Of the regions that could be objects by size,
    shape and place those are chosen with the largest product of the persistence and the square root of the area, and
    none inside or around one chosen before. The same image gives the same regions.

    Args:
        max_regions: The most regions of an image.
        scale: The larger, the larger the segments.
        min_area: Least area as a share of the image.
        max_area: Largest area as a share of the image.
        max_aspect: Largest ratio of the sides of the box around a region.
        min_fill: Least share of the box that the region fills.
        max_border: Largest share of the box's outline that may be pixels of the region at the image's border.
        max_overlap: Largest share of a region that may be annotated; annotated pixels are cut from it.
        max_side: Larger images are shrunk to this many pixels before they are segmented.
    """

    def __init__(self,
                 max_regions: int = 16,
                 scale: float = 300,
                 min_area: float = 0.005,
                 max_area: float = 0.3,
                 max_aspect: float = 4,
                 min_fill: float = 0.35,
                 max_border: float = 0.3,
                 max_overlap: float = 0.3,
                 max_side: int = 240) -> None:
        if not 1 <= max_regions <= LARGEST_ID:
            raise ValueError(f'an index mask holds 1 to {LARGEST_ID} regions, not {max_regions}')
        self.max_regions = max_regions
        self.scale = scale
        self.min_area, self.max_area = min_area, max_area
        self.max_aspect = max_aspect
        self.min_fill = min_fill
        self.max_border = max_border
        self.max_overlap = max_overlap
        self.max_side = max_side

    def __call__(self, image: np.ndarray, mask: Optional[np.ndarray] = None) -> np.ndarray:
        """Find the regions of an image.

        Args:
            image: RGB uint8 [H, W, 3].
            mask: Index mask of annotated objects, uint8 [H, W].

        Returns:
            Index mask, uint8 [H, W]: 1..N, the most conspicuous region first.
        """
        height, width = image.shape[:2]
        shrink = min(1, self.max_side / max(height, width))
        size = max(1, round(width * shrink)), max(1, round(height * shrink))
        small = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
        annotated = np.zeros((height, width), bool) if mask is None else mask > 0
        small_annotated = cv2.resize(annotated.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST_EXACT) > 0

        tree = build_region_tree(small, felzenszwalb(small, self.scale, sigma=0.5, min_size=20))
        numbers = self._number_segments(tree, self._could_be_object(tree, small_annotated))
        regions = cv2.resize(numbers[tree.segments], (width, height), interpolation=cv2.INTER_NEAREST_EXACT)
        regions[annotated] = 0
        return regions

    def _could_be_object(self, tree: RegionTree, annotated: np.ndarray) -> np.ndarray:
        """Which regions pass all filters, bool [M]."""
        border = np.ones(annotated.shape, bool)
        border[1:-1, 1:-1] = False
        sides = tree.box[:, 2:] - tree.box[:, :2] + 1
        share = tree.area / annotated.size
        return ((share >= self.min_area) & (share <= self.max_area)
                & (sides.max(1) <= self.max_aspect * sides.min(1))
                & (tree.area >= self.min_fill * sides.prod(1))
                & (tree.count(border) <= self.max_border * 2 * sides.sum(1))
                & (tree.count(annotated) <= self.max_overlap * tree.area))

    def _number_segments(self, tree: RegionTree, candidates: np.ndarray) -> np.ndarray:
        """The number of the chosen region to which each segment belongs, or 0, uint8 [S]."""
        numbers = np.zeros(int(tree.segments.max()) + 1, np.uint8)
        for region in np.argsort(-tree.persistence * np.sqrt(tree.area), kind='stable'):
            members = tree.members[region]
            if candidates[region] and not numbers[members].any():
                numbers[members] = numbers.max() + 1
                if numbers.max() == self.max_regions:
                    break
        return numbers
