"""One map out of a pyramid, for keys that are finer than the deepest stage."""
from typing import Dict

import torch.nn.functional as F
from mmengine.model import BaseModule
from torch import Tensor, nn

from vosreg.registry import MODELS

from ..layers import ResidualBlock


@MODELS.register_module()
class PyramidFusion(BaseModule):
    """Project every level to the same channels, bring it to one stride, add, and apply a residual block.

    Coarser levels are upsampled bilinearly, finer ones are average-pooled.

    Args:
        in_channels: Stride -> channels of the pyramid.
        out_channels: Channels of the fused map.
        stride: Stride of the fused map.
    """

    def __init__(self, in_channels: Dict[int, int], out_channels: int, stride: int) -> None:
        super().__init__()
        self.stride = stride
        self.out_channels = out_channels
        self.laterals = nn.ModuleDict(
            {str(level): nn.Conv2d(channels, out_channels, 1) for level, channels in in_channels.items()})
        self.block = ResidualBlock(out_channels, out_channels)

    def forward(self, pyramid: Dict[int, Tensor]) -> Tensor:
        """Stride -> map [B, C, H/stride, W/stride] -> fused map [B, out_channels, h, w]."""
        size = pyramid[self.stride].shape[-2:]
        return self.block(sum(self._resize(self.laterals[str(level)](x), size) for level, x in pyramid.items()))

    @staticmethod
    def _resize(x: Tensor, size) -> Tensor:
        if x.shape[-2] > size[0]:
            return F.adaptive_avg_pool2d(x, size)
        return F.interpolate(x, size=size, mode='bilinear', align_corners=False)
