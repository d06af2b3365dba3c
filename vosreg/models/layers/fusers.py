"""Fusers: several maps of one size become one."""
from typing import Optional

import torch
from mmengine.model import BaseModule
from torch import Tensor

from vosreg.registry import MODELS

from .attention import CBAM
from .residual import ResidualBlock, SharedInput


@MODELS.register_module()
class ResidualFuser(BaseModule):
    """Concatenate and apply one residual block (what STCN's decoder calls ``compress``).

    Args:
        in_channels: Channels of all inputs together.
        out_channels: Channels of the output.
    """

    def __init__(self, in_channels: int, out_channels: int) -> None:
        super().__init__()
        self.block = ResidualBlock(in_channels, out_channels)

    def share(self, x: Tensor, start: int) -> SharedInput:
        """Take the input that several images have in common, see :meth:`ResidualBlock.share`."""
        return self.block.share(x, start)

    def forward(self, *inputs: Tensor, shared: Optional[SharedInput] = None) -> Tensor:
        """Maps [B, C_i, h, w], sum of C_i = in_channels -> [B, out_channels, h, w].

        Args:
            inputs: The maps, but for the one in ``shared``.
            shared: The map that several images have in common, from :meth:`share`.
        """
        return self.block(torch.cat(inputs, dim=1), shared)


@MODELS.register_module()
class AttentionFuser(BaseModule):
    """Concatenate, residual block, CBAM as a second branch, residual block.

    The fuser of the value encoders of STCN and XMem, and of the decoders of XMem and of the correspondence network.

    Args:
        in_channels: Channels of all inputs together.
        out_channels: Channels of the output.
    """

    def __init__(self, in_channels: int, out_channels: int) -> None:
        super().__init__()
        self.block1 = ResidualBlock(in_channels, out_channels)
        self.attention = CBAM(out_channels)
        self.block2 = ResidualBlock(out_channels, out_channels)

    def share(self, x: Tensor, start: int) -> SharedInput:
        """Take the input that several images have in common, see :meth:`ResidualBlock.share`."""
        return self.block1.share(x, start)

    def forward(self, *inputs: Tensor, shared: Optional[SharedInput] = None) -> Tensor:
        """Maps [B, C_i, h, w], sum of C_i = in_channels -> [B, out_channels, h, w].

        Args:
            inputs: The maps, but for the one in ``shared``.
            shared: The map that several images have in common, from :meth:`share`.
        """
        fused = self.block1(torch.cat(inputs, dim=1), shared)
        return self.block2(fused + self.attention(fused))
