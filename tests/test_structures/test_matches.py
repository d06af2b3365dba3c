"""Where the locations of a key map lie in an image that was padded and resized."""
import torch

from vosreg.structures import KeyGrid

# A frame of 20x12 pixels on disk, enlarged to 40x24, padded by 4 columns and 4 rows on each side, key at stride 8.
GRID = KeyGrid(size=(4, 6), stride=8, padding=(4, 4), image_size=(24, 40))


def test_every_pixel_lies_in_its_location():
    locations = GRID.locate((12, 20))
    assert locations.shape == (12, 20)
    # The padding takes half of the first location, so two pixels of the frame remain in it, and four in the next.
    assert locations[0].tolist() == [0] * 2 + [1] * 4 + [2] * 4 + [3] * 4 + [4] * 4 + [5] * 2
    assert locations[:, 0].tolist() == [0] * 2 + [6] * 4 + [12] * 4 + [18] * 2


def test_centres_are_the_means_of_the_pixels():
    y, x = torch.meshgrid(torch.arange(12.), torch.arange(20.), indexing='ij')
    locations, centres = GRID.locate((12, 20)), GRID.centres((12, 20)).flatten(0, 1)
    for location in (7, 8, 14):  # Those without padding.
        inside = locations == location
        torch.testing.assert_close(centres[location], torch.stack([x[inside].mean(), y[inside].mean()]))
