"""Greedy merging of the segments of an image into a tree of regions, as Selective Search does.

Letters: H x W pixels, S segments, M = 2 S - 1 regions of the tree: the segments first, then one for each merge.
"""
import heapq
from dataclasses import dataclass
from typing import List, Set, Tuple

import cv2
import numpy as np

COLOUR_BINS, ORIENTATIONS = 25, 8
# Grey levels across two pixels below which a gradient has no direction worth counting.
FLAT = 8


@dataclass
class RegionTree:
    """The regions of an image, from its segments to the whole image.

    Attributes:
        segments: The segment of each pixel, int [H, W].
        members: The segments that make up each region, M lists.
        area: Pixels, int64 [M].
        box: Least x and y and greatest x and y, inclusive, int64 [M, 4].
        persistence: How much more alike the parts of a region are than it is to the region that it merges with,
            in [-1, 1], float64 [M].
    """
    segments: np.ndarray
    members: List[List[int]]
    area: np.ndarray
    box: np.ndarray
    persistence: np.ndarray

    def count(self, pixels: np.ndarray) -> np.ndarray:
        """How many of some pixels, bool [H, W], each region holds, int64 [M]."""
        counts = np.bincount(self.segments[pixels], minlength=int(self.segments.max()) + 1)
        return np.array([counts[members].sum() for members in self.members])


def build_region_tree(image: np.ndarray, segments: np.ndarray) -> RegionTree:
    """Merge the two most alike neighbours again and again until the whole image is one region.

    Likeness is the mean of four similarities of Uijlings et al. (IJCV 2013), each in [0, 1]: of the histograms of
    colour (here Lab) and of texture (here directions of gradients), small size, and how well the two fill their box.

    Args:
        image: RGB uint8 [H, W, 3].
        segments: Connected segments numbered from 0, int [H, W].

    Returns:
        The tree.
    """
    return _Merging(image, segments).run()


class _Merging:
    """The state of the merging; rows of regions yet to come are empty."""

    def __init__(self, image: np.ndarray, segments: np.ndarray) -> None:
        self.segments = segments
        self.pixels = segments.size
        self.num_regions = number = int(segments.max()) + 1
        total = 2 * number - 1
        histograms = np.concatenate([_colour_histograms(image, segments), _texture_histograms(image, segments)], axis=1)
        self.histograms = np.zeros((total, histograms.shape[1]))
        self.histograms[:number] = histograms
        self.area = np.zeros(total, np.int64)
        self.area[:number] = np.bincount(segments.ravel())
        self.box = np.zeros((total, 4), np.int64)
        self.box[:number] = _boxes(segments)
        self.birth, self.death = np.ones(total), np.zeros(total)
        self.members = [[segment] for segment in range(number)]
        self.neighbours: List[Set[int]] = _neighbours(segments)

    def run(self) -> RegionTree:
        alive = set(range(self.num_regions))
        heap: List[Tuple[float, int, int]] = []
        for region, neighbours in enumerate(self.neighbours):
            self._push(heap, region, [other for other in neighbours if other > region])
        while heap:
            likeness, one, other = heapq.heappop(heap)
            if one in alive and other in alive:
                alive -= {one, other}
                alive.add(self._merge(one, other, -likeness))
                self._push(heap, self.num_regions - 1, self.neighbours[-1])
        return RegionTree(self.segments, self.members, self.area, self.box, self.birth - self.death)

    def _push(self, heap: List[Tuple[float, int, int]], region: int, others) -> None:
        others = sorted(others)
        for likeness, other in zip(self._likeness(region, others), others):
            heapq.heappush(heap, (-likeness, region, other))

    def _likeness(self, region: int, others: List[int]) -> List[float]:
        area = self.area[others] + self.area[region]
        shares = self.histograms[region] / self.area[region]
        alike = np.minimum(shares, self.histograms[others] / self.area[others, None]).sum(1)  # Colour plus texture.
        low = np.minimum(self.box[others, :2], self.box[region, :2])
        high = np.maximum(self.box[others, 2:], self.box[region, 2:])
        gaps = (high - low + 1).prod(1) - area
        return ((alike + (1 - area / self.pixels) + (1 - gaps / self.pixels)) / 4).tolist()

    def _merge(self, one: int, other: int, likeness: float) -> int:
        new = self.num_regions
        self.num_regions += 1
        self.death[[one, other]] = self.birth[new] = likeness
        self.area[new] = self.area[one] + self.area[other]
        self.histograms[new] = self.histograms[one] + self.histograms[other]
        self.box[new, :2] = np.minimum(self.box[one, :2], self.box[other, :2])
        self.box[new, 2:] = np.maximum(self.box[one, 2:], self.box[other, 2:])
        self.members.append(self.members[one] + self.members[other])
        around = (self.neighbours[one] | self.neighbours[other]) - {one, other}
        for neighbour in around:
            self.neighbours[neighbour] -= {one, other}
            self.neighbours[neighbour].add(new)
        self.neighbours.append(around)
        return new


def _histograms(bins: np.ndarray, segments: np.ndarray, number: int) -> np.ndarray:
    """Histograms of the pixels' bins, [H, W, 3], side by side for each channel; a row sums to the area, [S, 3 number].
    """
    num_segments = int(segments.max()) + 1
    columns = [np.bincount((segments * number + bins[..., channel]).ravel(), minlength=num_segments * number)
               for channel in range(3)]
    return np.concatenate([column.reshape(num_segments, number) for column in columns], axis=1) / 3


def _colour_histograms(image: np.ndarray, segments: np.ndarray) -> np.ndarray:
    lab = cv2.cvtColor(image, cv2.COLOR_RGB2LAB).astype(np.int64)
    return _histograms(lab * COLOUR_BINS // 256, segments, COLOUR_BINS)


def _texture_histograms(image: np.ndarray, segments: np.ndarray) -> np.ndarray:
    """Directions of the gradients, and one bin for flat pixels."""
    smooth = cv2.GaussianBlur(image, (0, 0), 1).astype(np.float32)
    down, right = np.gradient(smooth, axis=(0, 1))
    angle = np.arctan2(down, right) / (2 * np.pi) * ORIENTATIONS
    bins = np.round(angle).astype(np.int64) % ORIENTATIONS
    bins[np.hypot(down, right) < FLAT / 2] = ORIENTATIONS
    return _histograms(bins, segments, ORIENTATIONS + 1)


def _boxes(segments: np.ndarray) -> np.ndarray:
    rows, columns = np.indices(segments.shape)
    low = np.full((int(segments.max()) + 1, 2), max(segments.shape))
    high = np.zeros_like(low)
    for axis, positions in enumerate((columns, rows)):
        np.minimum.at(low[:, axis], segments, positions)
        np.maximum.at(high[:, axis], segments, positions)
    return np.concatenate([low, high], axis=1)


def _neighbours(segments: np.ndarray) -> List[Set[int]]:
    neighbours: List[Set[int]] = [set() for _ in range(int(segments.max()) + 1)]
    for one, other in ((segments[1:], segments[:-1]), (segments[:, 1:], segments[:, :-1])):
        touching = one != other
        for left, right in np.unique(np.stack([one[touching], other[touching]]), axis=1).T.tolist():
            neighbours[left].add(right)
            neighbours[right].add(left)
    return neighbours
