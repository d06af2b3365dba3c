"""Objects given by boxes or polygons instead of masks."""
from dataclasses import dataclass
from typing import Dict, Mapping, Sequence, Tuple, Union

import cv2
import numpy as np

from vosreg.fileio import LARGEST_ID

Box = Sequence[float]
Polygon = Sequence[Tuple[float, float]]


@dataclass(frozen=True)
class Boxes:
    """Boxes as masks: all that is inside belongs to the object, so a tight polygon or a mask gives better results.

    Attributes:
        boxes: ``(left, top, right, bottom)`` of each object in pixels, right and bottom exclusive: objects 1, 2, ... in
            this order, or a dict of object id -> box. Where they overlap, the later one is on top.
    """
    boxes: Union[Sequence[Box], Mapping[int, Box]]

    def rasterise(self, size: Tuple[int, int]) -> np.ndarray:
        """Fill the boxes.

        Args:
            size: (H, W) of the frame.

        Returns:
            Index mask uint8 [H, W].

        Raises:
            ValueError: A box is empty, reaches out of the frame or is covered by others, or an id is out of range.
        """
        height, width = size
        mask = np.zeros(size, np.uint8)
        for object_id, box in _by_id(self.boxes).items():
            if np.shape(box) != (4,):
                raise ValueError(f'the box of object {object_id} is {box}, not (left, top, right, bottom)')
            left, top, right, bottom = map(round, box)
            if not (0 <= left < right <= width and 0 <= top < bottom <= height):
                raise ValueError(f'the box of object {object_id}, {tuple(box)}, is empty or reaches out of the frame, '
                                 f'which is {width}x{height} pixels: 0 <= left < right <= {width} and 0 <= top < '
                                 f'bottom <= {height}')
            mask[top:bottom, left:right] = object_id
        return _check_visible(mask, self.boxes)


@dataclass(frozen=True)
class Polygons:
    """Polygons as masks: all that is inside and the outline belong to the object.

    Attributes:
        polygons: Corners ``(x, y)`` in pixels of each object: objects 1, 2, ... in this order, or a dict of object id
            -> corners. Where they overlap, the later one is on top.
    """
    polygons: Union[Sequence[Polygon], Mapping[int, Polygon]]

    def rasterise(self, size: Tuple[int, int]) -> np.ndarray:
        """Fill the polygons.

        Args:
            size: (H, W) of the frame.

        Returns:
            Index mask uint8 [H, W].

        Raises:
            ValueError: A polygon has less than 3 corners, has one out of the frame or is covered by others, or an id is
                out of range.
        """
        height, width = size
        mask = np.zeros(size, np.uint8)
        for object_id, polygon in _by_id(self.polygons).items():
            corners = np.asarray(polygon, float)
            if corners.ndim != 2 or corners.shape[1] != 2 or len(corners) < 3:
                raise ValueError(f'the polygon of object {object_id} has the shape {list(corners.shape)}; a polygon '
                                 'has at least 3 corners (x, y)')
            outside = ((corners < 0) | (corners > (width, height))).any(axis=1)
            if outside.any():
                raise ValueError(f'the corner {tuple(corners[outside][0].tolist())} of the polygon of object '
                                 f'{object_id} lies out of the frame, which is {width}x{height} pixels')
            cv2.fillPoly(mask, [corners.round().astype(np.int32)], object_id)
        return _check_visible(mask, self.polygons)


def _by_id(shapes) -> Dict[int, Sequence]:
    numbered = dict(shapes) if isinstance(shapes, Mapping) else dict(enumerate(shapes, start=1))
    wrong = [object_id for object_id in numbered if not 1 <= object_id <= LARGEST_ID]
    if wrong:
        raise ValueError(f'object ids lie between 1 and {LARGEST_ID}, but {wrong} are given')
    return numbered


def _check_visible(mask: np.ndarray, shapes) -> np.ndarray:
    covered = sorted(set(_by_id(shapes)) - set(np.unique(mask).tolist()))
    if covered:
        raise ValueError(f'the objects {covered} are covered entirely by later ones; give the larger ones first')
    return mask
