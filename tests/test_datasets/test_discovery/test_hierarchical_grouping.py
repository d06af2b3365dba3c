"""Discovered objects in drawings."""
import cv2
import numpy as np
import pytest

from vosreg.datasets.discovery import HierarchicalGrouping
from vosreg.registry import TASK_UTILS


def drawing(height=120, width=160):
    """A disc of two colours, a square, a thin line, a speck and a strip along the lower border, on grey."""
    image = np.full((height, width, 3), 150, np.uint8)
    cv2.circle(image, (40, 40), 20, (230, 40, 40), -1)
    cv2.rectangle(image, (100, 30), (130, 60), (40, 40, 230), -1)
    cv2.rectangle(image, (20, 80), (140, 83), (20, 20, 20), -1)
    cv2.rectangle(image, (75, 10), (78, 13), (250, 250, 20), -1)
    image[100:] = (30, 120, 30)
    return image


def overlap(one, other):
    return (one & other).sum() / (one | other).sum()


def best(regions, place):
    number = regions[place]
    return regions == number if number else np.zeros(regions.shape, bool)


DISC, SQUARE, LINE, SPECK, STRIP, GREY = (40, 40), (45, 115), (81, 80), (11, 76), (110, 80), (70, 10)


def test_objects_are_found_and_the_rest_is_not():
    image = drawing()
    regions = HierarchicalGrouping()(image)
    assert regions.dtype == np.uint8 and regions.shape == (120, 160)
    assert sorted(np.unique(regions)) == list(range(regions.max() + 1))
    assert overlap(best(regions, DISC), (image == (230, 40, 40)).all(2)) > 0.85
    assert overlap(best(regions, SQUARE), (image == (40, 40, 230)).all(2)) > 0.85
    assert [regions[place] for place in (LINE, SPECK, STRIP, GREY)] == [0, 0, 0, 0]


@pytest.mark.parametrize('place, options', [(LINE, dict(max_aspect=50)), (STRIP, dict(max_border=1, max_aspect=50))])
def test_each_filter_can_be_opened(place, options):
    assert HierarchicalGrouping(**options)(drawing())[place] > 0


def test_areas():
    """The disc is 0.069 of the image, the square 0.050."""
    for options in (dict(min_area=0.1), dict(max_area=0.04)):
        regions = HierarchicalGrouping(**options)(drawing())
        assert regions[DISC] == regions[SQUARE] == 0


def test_fill():
    """A disc fills pi / 4 of its box, and a square all of it."""
    regions = HierarchicalGrouping(min_fill=0.85)(drawing())
    assert regions[DISC] == 0 and regions[SQUARE] > 0


def test_annotated_objects_are_left_out():
    mask = np.zeros((120, 160), np.uint8)
    cv2.circle(mask, (40, 40), 20, 3, -1)
    mask[30:35, 100:131] = 1
    regions = HierarchicalGrouping()(drawing(), mask)
    assert regions[DISC] == 0 and regions[SQUARE] > 0
    # The annotated part of the square is cut off.
    assert not regions[mask > 0].any()
    assert HierarchicalGrouping(max_overlap=0.1)(drawing(), mask)[SQUARE] == 0


def test_the_most_conspicuous_come_first_and_always_the_same():
    image = drawing()
    all_regions = HierarchicalGrouping()(image)
    one = HierarchicalGrouping(max_regions=1)(image)
    assert one.max() == 1 and np.array_equal(one > 0, all_regions == 1)
    assert np.array_equal(HierarchicalGrouping()(image.copy()), all_regions)


def test_large_images_are_shrunk_but_their_regions_are_not():
    image = cv2.resize(drawing(), (640, 480), interpolation=cv2.INTER_NEAREST)
    regions = HierarchicalGrouping(max_side=160)(image)
    assert regions.shape == (480, 640)
    assert overlap(best(regions, (160, 160)), (image == (230, 40, 40)).all(2)) > 0.8


def test_an_image_of_one_colour_has_no_region():
    assert not HierarchicalGrouping()(np.full((30, 40, 3), 90, np.uint8)).any()


def test_it_is_registered():
    assert TASK_UTILS.build(dict(type='HierarchicalGrouping', max_regions=3)).max_regions == 3
    with pytest.raises(ValueError, match='1 to 254 regions, not 255'):
        HierarchicalGrouping(max_regions=255)
