"""The pyramid out of one map."""
import pytest
import torch
from torch import nn

from vosreg.models.backbones import SimpleFeaturePyramid


def test_levels_of_every_stride():
    pyramid = SimpleFeaturePyramid(24, out_channels=16, strides=(4, 8, 16, 32))
    levels = pyramid(torch.randn(2, 24, 4, 6))
    assert {stride: tuple(level.shape) for stride, level in levels.items()} == {
        4: (2, 16, 16, 24), 8: (2, 16, 8, 12), 16: (2, 16, 4, 6), 32: (2, 16, 2, 3)}


def test_finer_levels_are_transposed_convolutions_as_in_the_paper():
    finest, middle, base = SimpleFeaturePyramid(384).levels
    widths = [[(layer.in_channels, layer.out_channels) for layer in level if isinstance(layer, nn.ConvTranspose2d)]
              for level in (finest, middle, base)]
    assert widths == [[(384, 192), (192, 96)], [(384, 192)], []]


def test_odd_stride_is_refused():
    with pytest.raises(ValueError, match='stride 6 is not 16 times a power of two'):
        SimpleFeaturePyramid(24, strides=(6,))
