"""Pictures put together from images, lines and text."""
import numpy as np
import pytest

from vosreg.visualization.canvas import Canvas


@pytest.mark.parametrize('size', [(101, 67), (1753, 31), (640, 480)])
def test_images_keep_their_pixels(size):
    width, height = size
    image = np.random.default_rng(0).integers(0, 256, (20, 30, 3), np.uint8)
    canvas = Canvas(width, height)
    canvas.paste(image, 40, 5)
    picture = canvas.render()
    assert picture.shape == (height, width, 3) and picture.dtype == np.uint8
    assert np.array_equal(picture[5:25, 40:70], image)
    picture[5:25, 40:70] = 255
    assert (picture == 255).all()


def test_lines_and_discs_lie_where_they_should():
    canvas = Canvas(60, 40)
    canvas.paste(np.zeros((40, 60, 3), np.uint8), 0, 0)
    canvas.draw_lines([(10, 20.5)], [(50, 20.5)], [(1, 0, 0, 0.5)], [3])
    canvas.draw_discs([(30.5, 20.5)], [4], [(0, 0, 1)], [(0, 1, 0)])
    picture = canvas.render()
    assert picture[20, 15].tolist() == pytest.approx((128, 0, 0), abs=1)
    assert picture[20, 30].tolist() == [0, 0, 255]  # Drawn later, so above the line.
    rows, columns = np.nonzero(picture[..., 0])
    assert rows.min() == 19 and rows.max() == 21
    assert 8 <= columns.min() <= 10 and 49 <= columns.max() <= 51  # The ends are round.


def test_text_is_placed_and_no_formula():
    canvas = Canvas(200, 40)
    canvas.write('$x_1$', 190, 20, align='right')
    dark = np.nonzero(canvas.render().min(2) < 128)
    assert 12 <= dark[0].min() <= dark[0].max() <= 28
    assert 140 <= dark[1].min() <= 160 and 180 <= dark[1].max() <= 191
