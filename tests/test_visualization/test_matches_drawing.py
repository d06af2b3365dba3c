"""Drawings of matches, against colours at places worked out by hand."""
import cv2
import numpy as np
import pytest

from vosreg.structures import KeyGrid
from vosreg.visualization import PointMatches, ShownFrame, draw_heat_maps, draw_matches, most_matched_frames
from vosreg.visualization.heat_maps import blend_heat, spread_mass, tile_size
from vosreg.visualization.match_panels import GAP, HEADER, MARGIN, VERDICT_COLOURS, dim_frame
from vosreg.visualization.matches import FAN_WIDTH, QUERY_HEIGHT

# An image of 30x24 pixels, padded by 1 and 4 to 32x32: 4x4 locations of 8 pixels.
GRID = KeyGrid((4, 4), 8, (1, 4), (24, 30))
COLOURS = (255 * VERDICT_COLOURS).round()


def black(name, mask=None):
    return ShownFrame(name, np.zeros((24, 30, 3), np.uint8), mask)


def panel(weights, frames, locations, verdicts, label='model'):
    return PointMatches(label, np.array(weights, float), np.array(frames), np.array(locations),
                        np.array(verdicts, np.int8), GRID)


def near(picture, colour, tolerance=12):
    """The rows and columns of pixels of about a colour."""
    return np.nonzero((abs(picture.astype(int) - colour) <= tolerance).all(2))


def test_summary_counts_what_is_known():
    matches = panel([[0.6, 0.3, 0.1], [0.5, 0.25, 0.25]], [[0, 5, 5], [5, 5, 0]], [[0] * 3] * 2,
                    [[1, 0, -1], [-1, -1, 0]])
    # Right 0.6 of 0.6 + 0.1 + 0.5 + 0.25; not known 0.3 + 0.25 of 2.
    assert matches.summary() == 'right: 41 % of the affinity, 1 of 2 best matches (28 % not known)'
    assert matches.mass(5).tolist() == pytest.approx([0.4, 0.75])
    assert matches._replace(verdicts=0 * matches.verdicts).summary() == 'no ground truth'


def test_the_frames_with_most_mass_in_order_of_time():
    one = panel([[0.5, 0.3, 0.2]], [[9, 4, -1]], [[0, 0, 0]], [[0, 0, 0]])
    two = panel([[0.6, 0.3, 0.1]], [[2, 4, 9]], [[0, 0, 0]], [[0, 0, 0]])
    assert most_matched_frames([one], 1) == [9]
    assert most_matched_frames([one, two], 2) == [2, 4]  # 0.6 each, like frame 9; the earlier go first.
    assert most_matched_frames([one, two], 5) == [2, 4, 9]


def test_dimmed_frames():
    frame = ShownFrame('', np.full((10, 10, 3), (200, 100, 0), np.uint8), np.pad(np.full((4, 4), 3, np.uint8), 3))
    picture = dim_frame(frame, (20, 20), brightness=0.5, saturation=0, outline=0.5)
    assert picture[0, 0].tolist() == pytest.approx([59] * 3, abs=1)  # The grey is 0.299 * 200 + 0.587 * 100.
    assert picture[6, 6:14].min() == picture[6, 6:14].max() == pytest.approx(157, abs=1)
    assert (picture[7:13, 7:13] == picture[0, 0]).all()
    assert np.array_equal(dim_frame(frame._replace(mask=None), (10, 10), 1, 1), frame.image)


def test_a_line_ends_at_the_match():
    # The point (9, 4) of the frame is matched to location (row 2, column 1), whose centre is pixel (10.5, 15.5).
    memory = {3: black('00003'), 8: black('00008')}
    matches = panel([[0.9, 0.1]], [[8, 5]], [[9, 0]], [[-1, 1]])
    picture = draw_matches(black('00010'), memory, np.array([[9, 4]]), [matches])
    width = QUERY_HEIGHT * 30 // 24
    small = (QUERY_HEIGHT - GAP) // 2
    left, top = MARGIN + width + FAN_WIDTH, HEADER + small + GAP
    x, y = left + 11 * small / 24, top + 16 * small / 24
    assert picture[round(y), round(x)].tolist() == pytest.approx(COLOURS[-1], abs=12)
    rows, columns = near(picture[HEADER:HEADER + QUERY_HEIGHT], COLOURS[-1])
    assert columns.max() == pytest.approx(x, abs=6)
    # The line in the middle between the point and the match.
    start = MARGIN + 9.5 * width / 30, HEADER + 4.5 * QUERY_HEIGHT / 24
    middle = picture[round((start[1] + y) / 2), round((start[0] + x) / 2)]
    assert (middle[0] > 120 > middle[2]) and near(picture[HEADER:-60], COLOURS[1])[0].size == 0
    assert picture.shape == (HEADER + QUERY_HEIGHT + 44, left + round(small * 30 / 24) + MARGIN, 3)


def test_only_the_best_matches_are_drawn():
    matches = panel([[0.6, 0.4]], [[3, 3]], [[9, 6]], [[1, -1]])
    pictures = [draw_matches(black('q'), {3: black('m')}, np.array([[9, 4]]), [matches], top_k=k) for k in (1, 2)]
    orange = [len(near(picture[HEADER:-60], COLOURS[-1], 60)[0]) for picture in pictures]
    assert orange[0] == 0 < orange[1]


def test_each_model_has_a_row():
    right, wrong = (panel([[1]], [[3]], [[9]], [[verdict]], label) for verdict, label in ((1, 'a'), (-1, 'b')))
    picture = draw_matches(black('q'), {3: black('m')}, np.array([[9, 4]]), [right, wrong])
    step = HEADER + QUERY_HEIGHT
    for row, (colour, other) in enumerate([(1, -1), (-1, 1)]):
        frames = picture[row * step + HEADER:(row + 1) * step]
        assert near(frames, COLOURS[colour])[0].size > 100 and near(frames, COLOURS[other])[0].size == 0


def test_mass_is_spread_between_the_centres_of_locations():
    mass = np.random.default_rng(0).random((2, 4, 4))
    for size in ((30, 24), (90, 72)):
        spread = spread_mass(mass, GRID, size)
        assert spread.shape == (2, size[1], size[0])
        x, y = (part.ravel() for part in np.moveaxis(GRID.centres(size[::-1]).numpy(), 2, 0))
        inside = (x >= 0) & (y >= 0) & (x <= size[0] - 1) & (y <= size[1] - 1)
        assert inside.sum() >= 8
        found = cv2.remap(spread[1], x.astype(np.float32), y.astype(np.float32), cv2.INTER_LINEAR).ravel()
        assert found[inside] == pytest.approx(mass[1].ravel()[inside], abs=0.05)
    # What lies inside of the image keeps its mass: each location has as many pixels.
    one = np.zeros((4, 4))
    one[1, 2] = 0.7
    assert spread_mass(one, GRID, (300, 240)).sum() == pytest.approx(0.7 * 80 * 80, rel=0.01)


def test_heat_has_the_colour_of_the_verdict():
    image = np.full((240, 300, 3), 40, np.uint8)
    matches = panel([[0.75, 0.1875, 0.0625]], [[3, 3, 8]], [[5, 10, 5]], [[1, -1, 0]])
    heat = blend_heat(image, matches, 0, 3)
    centres = GRID.centres((240, 300)).reshape(-1, 2).numpy().round().astype(int)
    (x1, y1), (x2, y2) = centres[5], centres[10]
    assert heat[y1, x1].tolist() == pytest.approx(COLOURS[1], abs=6)
    # A quarter of the peak is half opaque.
    assert heat[y2, x2].tolist() == pytest.approx((COLOURS[-1] + 40) / 2, abs=6)
    assert heat[y2, x1].tolist() == pytest.approx([40] * 3, abs=10) and heat[0, 299].tolist() == [40] * 3
    assert (blend_heat(image, matches, 0, 5) == image).all()
    unknown = blend_heat(image, matches, 0, 8)
    assert unknown[y1, x1].tolist() == pytest.approx(40 + (COLOURS[0] - 40) * (0.0625 / 0.75)**0.5, abs=6)


def test_heat_maps_stand_in_rows_of_points_and_columns_of_frames():
    matches = panel([[1], [1]], [[3], [8]], [[5], [9]], [[1], [-1]])
    picture = draw_heat_maps(black('q'), {3: black('a'), 8: black('b')}, np.array([[9, 4], [20, 10]]),
                             [matches, matches])
    width, height = tile_size((24, 30, 3))
    assert width / height == pytest.approx(30 / 24, rel=0.01) and width * height == pytest.approx(256 * 144, rel=0.01)
    coloured = []
    for top in (88, 88 + height + GAP):
        for panel_left in (MARGIN + width + 28, MARGIN + width + 28 + 2 * (width + GAP) + 28):
            for left in (panel_left, panel_left + width + GAP):
                tile = picture[top + 30:top + height, left:left + width]
                coloured.append([verdict for verdict in (1, -1) if near(tile, COLOURS[verdict], 30)[0].size > 20])
    assert coloured == [[1], [], [1], [], [], [-1], [], [-1]]
