"""The objects of a training clip."""
from collections import Counter

import numpy as np
import pytest

from vosreg.datasets.transforms import DropFaintObjects, SelectObjects


def _masks():
    """Frame 0 shows 3 (12 pixels), 7 (4 pixels), 9 (1 pixel) and void; frame 1 shows 7 and 11."""
    masks = np.zeros((2, 6, 6), np.uint8)
    masks[0, :2] = 3
    masks[0, 2, :4] = 7
    masks[0, 3, 0] = 9
    masks[0, 4] = 255
    masks[1, 0] = 7
    masks[1, 1] = 11
    return list(masks)


def _select(seed=0, masks=None, **kwargs):
    return SelectObjects(**kwargs)(dict(masks=_masks() if masks is None else masks, rng=np.random.default_rng(seed)))


def test_objects_of_the_first_frame_are_drawn_uniformly_and_numbered():
    pairs = Counter()
    for seed in range(1200):
        first, second = _select(seed, max_objects=2)['masks']
        assert set(np.unique(first)) == {0, 1, 2}
        old = _masks()[0]
        chosen = tuple(int(old[first == number][0]) for number in (1, 2))
        for number, object_id in enumerate(chosen, 1):
            assert np.array_equal(first == number, old == object_id)
            assert np.array_equal(second == number, _masks()[1] == object_id)
        pairs[chosen] += 1
    # Three objects give six ordered pairs, 200 times each; four standard deviations are 52.
    assert len(pairs) == 6 and all(148 < number < 252 for number in pairs.values())


def test_fewer_objects_than_asked_for():
    first, second = _select(max_objects=10)['masks']
    assert set(np.unique(first)) == {0, 1, 2, 3}
    assert not second[1].any()


def test_small_objects_do_not_count():
    assert {int(_masks()[0][_select(seed, max_objects=1, min_pixels=4)['masks'][0] == 1][0])
            for seed in range(50)} == {3, 7}


def test_no_object_gives_no_clip():
    masks = _masks()
    masks[0][:] = 0
    assert _select(masks=masks) is None
    masks[0][:] = 255
    assert _select(masks=masks) is None


@pytest.mark.parametrize('areas, stays', [
    ((100, 0, 0), False),
    ((101, 399, 399), True),
    ((101, 399, 400), False),
    ((900, 0, 400), False),
    ((901, 5000, 5000), True),
])
def test_faint_objects_of_bl30k(areas, stays):
    masks = [np.zeros((80, 80), np.uint8) for _ in areas]
    for mask, area in zip(masks, areas):
        mask.ravel()[:area] = 3
        mask[-1] = 9 if area == areas[0] else 0  # An object of 80 pixels always goes.
    results = DropFaintObjects()(dict(masks=masks))
    assert [np.count_nonzero(mask == 3) for mask in results['masks']] == (list(areas) if stays else [0, 0, 0])
    assert all(set(np.unique(mask)) <= {0, 3} for mask in results['masks'])
