"""The pre-activation residual block of STM's family, and nothing around it."""
import torch.nn.functional as F
from mmengine.model import BaseModule
from torch import Tensor, nn


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

    def forward(self, x: Tensor) -> Tensor:
        """[B, in_channels, h, w] -> [B, out_channels, h, w]."""
        branch = self.conv2(F.relu(self.conv1(F.relu(x))))
        return self.shortcut(x) + branch
