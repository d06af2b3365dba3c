"""Which pixels are looked at."""
import numpy as np

from vosreg.visualization import sample_points


def scene():
    mask = np.zeros((100, 200), np.uint8)
    mask[20:60, 20:100] = 7
    mask[70:90, 150:170] = 2
    return mask


def test_points_are_dealt_evenly_and_spread():
    mask = scene()
    points = sample_points(mask, 10)
    x, y = points.T
    assert mask[y, x].tolist() == [7] * 4 + [2] * 3 + [0] * 3
    for region in (points[:4], points[4:7], points[7:]):
        distances = np.linalg.norm(region[:, None] - region, axis=2) + 1e9 * np.eye(len(region))
        assert distances.min() >= 8
    # On the middle line of the large object, which is as far from its border as can be.
    assert abs(points[0, 1] - 39.5) <= 1 and 39 <= points[0, 0] <= 80
    assert points.dtype.kind == 'i'


def test_the_same_seed_gives_the_same_points():
    mask = scene()
    assert np.array_equal(sample_points(mask, 9, seed=1), sample_points(mask, 9, seed=1))
    assert not np.array_equal(sample_points(mask, 9, seed=1), sample_points(mask, 9, seed=2))


def test_few_points_go_to_the_largest_objects():
    mask = scene()
    x, y = sample_points(mask, 2).T
    assert mask[y, x].tolist() == [7, 0]
    x, y = sample_points(mask, 1).T
    assert mask[y, x].tolist() == [0]
    x, y = sample_points(np.full((30, 30), 4, np.uint8), 3).T
    assert len(x) == 3


def test_a_tiny_object_gets_one_point():
    mask = np.zeros((50, 50), np.uint8)
    mask[10:13, 10:13] = 1
    points = sample_points(mask, 8)
    assert points[0].tolist() == [11, 11] and len(points) == 5
