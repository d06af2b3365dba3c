"""CBAM: attention over channels, then over positions (Woo et al., ECCV 2018)."""
import torch
from mmengine.model import BaseModule
from torch import Tensor, nn


class CBAM(BaseModule):
    """Convolutional block attention module.

    Args:
        channels: Channels of input and output.
        reduction: The hidden layer of the channel gate has ``channels // reduction`` units.
    """

    def __init__(self, channels: int, reduction: int = 16) -> None:
        super().__init__()
        self.channel_gate = nn.Sequential(
            nn.Linear(channels, channels // reduction), nn.ReLU(), nn.Linear(channels // reduction, channels))
        self.spatial_gate = nn.Conv2d(2, 1, 7, padding=3)

    def forward(self, x: Tensor) -> Tensor:
        """[B, channels, h, w] -> the same shape, gated."""
        gate = self.channel_gate(x.mean(dim=(2, 3))) + self.channel_gate(x.amax(dim=(2, 3)))
        x = x * gate.sigmoid()[:, :, None, None]
        pooled = torch.cat([x.amax(dim=1, keepdim=True), x.mean(dim=1, keepdim=True)], dim=1)
        return x * self.spatial_gate(pooled).sigmoid()
