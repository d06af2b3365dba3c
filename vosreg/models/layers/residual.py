"""The pre-activation residual block of STM's family, and nothing around it."""
from typing import NamedTuple, Optional

import torch
import torch.nn.functional as F
from mmengine.model import BaseModule
from torch import Tensor, nn


class SharedInput(NamedTuple):
    """What input channels that several images have in common add to the convolutions of a residual block's input.

    A convolution of concatenated maps is the sum of their convolutions, so the maps that all objects of a frame share
    are convolved once.

    Attributes:
        channels: Which input channels of the block they are.
        branch: What they add to the first convolution, with its bias, [B, out_channels, h, w].
        shortcut: What they add to the shortcut, with its bias, [B, out_channels, h, w]; where the shortcut is the input
            itself, the channels, [B, C, h, w].
    """
    channels: slice
    branch: Tensor
    shortcut: Tensor


class ResidualBlock(BaseModule):
    """ReLU, 3x3 convolution, ReLU, 3x3 convolution, plus the shortcut; no normalisation, no final ReLU.

    Where the channels change, the shortcut is a 3x3 convolution of the un-activated input.

    Args:
        in_channels: Channels of the input.
        out_channels: Channels of the output.
    """

    def __init__(self, in_channels: int, out_channels: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, out_channels, 3, padding=1)
        self.conv2 = nn.Conv2d(out_channels, out_channels, 3, padding=1)
        self.shortcut = nn.Identity() if in_channels == out_channels else nn.Conv2d(
            in_channels, out_channels, 3, padding=1)

    def share(self, x: Tensor, start: int) -> SharedInput:
        """Convolve what several images have in common, for :meth:`forward`.

        Args:
            x: [B, C, h, w].
            start: Its first channel in the block's input.
        """
        channels = slice(start, start + x.shape[1])
        branch = F.conv2d(F.relu(x), self.conv1.weight[:, channels], self.conv1.bias, padding=1)
        if isinstance(self.shortcut, nn.Identity):
            return SharedInput(channels, branch, x)
        return SharedInput(
            channels, branch, F.conv2d(x, self.shortcut.weight[:, channels], self.shortcut.bias, padding=1))

    def forward(self, x: Tensor, shared: Optional[SharedInput] = None) -> Tensor:
        """[B, in_channels, h, w] -> [B, out_channels, h, w].

        Args:
            x: The input; with ``shared``, [B * N, C, h, w] of the other channels only, in order.
            shared: The channels that N images at a time have in common, from :meth:`share`.
        """
        if shared is None:
            branch, shortcut = self.conv1(F.relu(x)), self.shortcut(x)
        else:
            branch = _add_convolution(self.conv1, F.relu(x), shared.channels, shared.branch)
            if isinstance(self.shortcut, nn.Identity):
                common = shared.shortcut.repeat_interleave(len(x) // len(shared.shortcut), dim=0)
                start = shared.channels.start
                shortcut = torch.cat([x[:, :start], common, x[:, start:]], dim=1)
            else:
                shortcut = _add_convolution(self.shortcut, x, shared.channels, shared.shortcut)
        return shortcut + self.conv2(F.relu(branch, inplace=True))


def _add_convolution(conv: nn.Conv2d, x: Tensor, shared: slice, result: Tensor) -> Tensor:
    """Convolve the channels that are not shared, [B * N, C, h, w], and add the result of the shared ones."""
    weight = torch.cat([conv.weight[:, :shared.start], conv.weight[:, shared.stop:]], dim=1)
    x = F.conv2d(x, weight, padding=1)
    x.unflatten(0, (len(result), -1)).add_(result[:, None])
    return x
