"""The tree of regions on images whose right tree is plain to see."""
import numpy as np
import pytest

from vosreg.datasets.discovery.region_tree import build_region_tree


def blocks(colours, side=10):
    """Squares of the given colours side by side, one segment each."""
    segments = np.repeat(np.arange(len(colours)), side)[None].repeat(side, 0)
    return np.array(colours, np.uint8)[segments], segments


def test_like_colours_merge_first():
    image, segments = blocks([(200, 30, 30), (60, 200, 60), (60, 200, 60), (30, 30, 200)])
    tree = build_region_tree(image, segments)
    assert sorted(tree.members[4]) == [1, 2]
    assert sorted(tree.members[-1]) == [0, 1, 2, 3] and len(tree.members) == 7
    # Its two parts are the same, and then it is unlike its neighbours.
    assert tree.persistence.argmax() in (0, 3, 4) and tree.persistence[4] > tree.persistence[1] + 0.1


def test_texture_tells_apart_what_colour_does_not():
    rng = np.random.default_rng(0)
    grey = np.full((10, 40, 3), 128, np.uint8)
    grey[:, 20:] += (rng.integers(0, 2, (10, 20, 1)) * 40 - 20).astype(np.uint8)
    tree = build_region_tree(grey, blocks(4 * [0])[1])
    assert sorted(map(sorted, tree.members[4:6])) == [[0, 1], [2, 3]]


@pytest.fixture(scope='module')
def random_tree():
    image = np.random.default_rng(0).integers(0, 256, (40, 60, 3)).astype(np.uint8)
    # A region for each of 30 scattered seeds.
    y, x = np.indices((40, 60))
    seeds = np.random.default_rng(1).integers(0, (40, 60), (30, 2))
    segments = ((y[..., None] - seeds[:, 0])**2 + (x[..., None] - seeds[:, 1])**2).argmin(2)
    return build_region_tree(image, segments)


def test_areas_boxes_and_counts_are_those_of_the_pixels(random_tree):
    tree = random_tree
    corner = np.zeros((40, 60), bool)
    corner[:25, :25] = True
    counts = tree.count(corner)
    assert len(tree.members) == 2 * (tree.segments.max() + 1) - 1 > 20
    for region, members in enumerate(tree.members):
        pixels = np.isin(tree.segments, members)
        rows, columns = np.nonzero(pixels)
        assert tree.area[region] == pixels.sum() and counts[region] == pixels[:25, :25].sum()
        assert tree.box[region].tolist() == [columns.min(), rows.min(), columns.max(), rows.max()]


def test_regions_are_nested_or_disjoint(random_tree):
    members = [set(region) for region in random_tree.members]
    for one in members:
        assert all(one <= other or other <= one or not one & other for other in members)


def test_likeness_is_between_0_and_1(random_tree):
    assert (random_tree.persistence >= -1).all() and (random_tree.persistence <= 1).all()


def test_one_segment():
    tree = build_region_tree(np.zeros((4, 5, 3), np.uint8), np.zeros((4, 5), int))
    assert tree.members == [[0]] and tree.area.tolist() == [20]
