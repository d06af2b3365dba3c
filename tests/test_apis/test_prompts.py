"""Boxes and polygons as masks."""
import numpy as np
import pytest

from vosreg.apis import Boxes, Polygons

SIZE = (40, 60)


def test_boxes_are_filled_and_the_later_one_is_on_top():
    mask = Boxes([(5, 10, 25, 30), (20.4, 9.6, 60, 40)]).rasterise(SIZE)
    assert mask.dtype == np.uint8 and mask.shape == SIZE
    assert (mask[10:40, 20:60] == 2).all() and (mask[10:30, 5:20] == 1).all()
    assert np.count_nonzero(mask) == 30 * 40 + 20 * 15
    assert (Boxes({7: (5, 10, 25, 30)}).rasterise(SIZE) == 7).sum() == 400


def test_polygons_are_filled():
    mask = Polygons({4: [(10, 5), (30, 5), (10, 25)], 200: [(40, 5), (50, 5), (50, 15), (40, 15)]}).rasterise(SIZE)
    # A triangle with legs of 20 pixels, with its outline.
    assert (mask == 4).sum() == 21 * 22 // 2 and mask[5, 30] == 4 and mask[24, 12] == 0
    assert (mask == 200).sum() == 11 * 11


@pytest.mark.parametrize('shapes, message', [
    (Boxes([(5, 5, 9, 9), (50, 5, 61, 10)]), r'box of object 2, \(50, 5, 61, 10\), is empty or reaches out of the '
     'frame, which is 60x40'),
    (Boxes([(-1, 5, 9, 9)]), 'box of object 1'),
    (Boxes([(5, 5, 5, 9)]), 'is empty'),
    (Boxes([(500, 500, 600, 600)]), 'reaches out of the frame'),
    (Boxes([(5, 5, 9, 9), (2, 2, 30, 30)]), r'objects \[1\] are covered entirely by later ones; give the larger ones'),
    (Boxes([(1, 2, 3)]), r'box of object 1 is \(1, 2, 3\), not \(left, top, right, bottom\)'),
    (Boxes((1, 2, 3, 4)), 'box of object 1 is 1, not'),
    (Boxes({0: (1, 2, 3, 4)}), r'between 1 and 254, but \[0\]'),
    (Polygons({255: [(1, 1), (5, 5), (9, 1)]}), r'between 1 and 254, but \[255\]'),
    (Polygons([[(1, 1), (5, 5)]]), r'polygon of object 1 has the shape \[2, 2\]; a polygon has at least 3 corners'),
    (Polygons([[1, 1, 5, 5, 9, 1]]), r'the shape \[6\]'),
    (Polygons({3: [(1, 1), (5, 45), (9, 1)]}), r'corner \(5.0, 45.0\) of the polygon of object 3 lies out'),
])
def test_refused_shapes(shapes, message):
    with pytest.raises(ValueError, match=message):
        shapes.rasterise(SIZE)
