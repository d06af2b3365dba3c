"""A pyramid out of the single map of a plain vision transformer."""
import math
from typing import Dict, Sequence

from timm.layers import LayerNorm2d
from torch import Tensor, nn


class SimpleFeaturePyramid(nn.Module):
    """Every level of the pyramid from the last map of a plain backbone, without lateral or top-down connections.

    A level finer than the map comes from transposed convolutions, a coarser one from strided convolutions; then a 1x1
    and a 3x3 convolution bring it to the common width (Li et al., "Exploring Plain Vision Transformer Backbones for
    Object Detection", ECCV 2022, section 3).

    Args:
        in_channels: Channels of the map.
        out_channels: Channels of every level; 256 in the paper.
        strides: Strides of the levels, each the stride of the map times a power of two.
        base_stride: Stride of the map.

    Raises:
        ValueError: If a level cannot be reached by doubling or halving the map.
    """

    def __init__(self, in_channels: int, out_channels: int = 256, strides: Sequence[int] = (4, 8, 16),
                 base_stride: int = 16) -> None:
        super().__init__()
        self.strides = tuple(strides)
        self.levels = nn.ModuleList()
        for stride in self.strides:
            doublings = math.log2(base_stride / stride)
            if not doublings.is_integer():
                raise ValueError(f'stride {stride} is not {base_stride} times a power of two')
            self.levels.append(_level(in_channels, out_channels, int(doublings)))

    def forward(self, features: Tensor) -> Dict[int, Tensor]:
        """The levels of a map [B, in_channels, h, w]: stride -> [B, out_channels, H/stride, W/stride]."""
        return {stride: level(features) for stride, level in zip(self.strides, self.levels)}


def _level(in_channels: int, out_channels: int, doublings: int) -> nn.Sequential:
    """One level: its size doubled that many times (halved, if negative), then brought to its width."""
    layers, channels = [], in_channels
    for step in range(doublings):
        if step > 0:
            layers += [LayerNorm2d(channels), nn.GELU()]
        layers.append(nn.ConvTranspose2d(channels, channels // 2, kernel_size=2, stride=2))
        channels //= 2
    for _ in range(-doublings):
        layers.append(nn.Conv2d(channels, channels, kernel_size=2, stride=2))
    return nn.Sequential(
        *layers,
        nn.Conv2d(channels, out_channels, kernel_size=1, bias=False), LayerNorm2d(out_channels),
        nn.Conv2d(out_channels, out_channels, kernel_size=3, padding=1, bias=False), LayerNorm2d(out_channels))
