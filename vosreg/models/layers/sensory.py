"""How the sensory memory of XMem is refreshed (Cheng and Schwing, ECCV 2022)."""
from typing import Sequence

import torch
import torch.nn.functional as F
from mmengine.model import BaseModule
from torch import Tensor, nn


class SensoryUpdate(BaseModule):
    r"""A gated recurrent update of each object's sensory state.

    A 3x3 convolution of [input, state h] gives a forget gate f, an update gate u and a new content n:
    :math:`h' = \sigma(f) h (1 - \sigma(u)) + \sigma(u) \tanh(n)`. Other than in a GRU, n is computed from h itself,
    and the old state passes both gates.

    With the values of a memory frame as the input this is XMem's deep update.

    Args:
        in_channels: Channels of the input.
        sensory_channels: Channels Cs of the state.
    """

    def __init__(self, in_channels: int, sensory_channels: int) -> None:
        super().__init__()
        self.gates = nn.Conv2d(in_channels + sensory_channels, 3 * sensory_channels, 3, padding=1)
        nn.init.xavier_normal_(self.gates.weight)

    def forward(self, x: Tensor, sensory: Tensor) -> Tensor:
        """Input [B, N, C, h, w] and state [B, N, Cs, h, w] -> new state [B, N, Cs, h, w]."""
        gates = self.gates(torch.cat([x, sensory], dim=2).flatten(0, 1)).unflatten(0, x.shape[:2])
        forget, update, new = gates.chunk(3, dim=2)
        update = update.sigmoid()
        return forget.sigmoid() * sensory * (1 - update) + update * new.tanh()


class PyramidSensoryUpdate(BaseModule):
    """The update of the sensory state by what a head decoded, at every stride that it decodes at.

    The maps are projected to the same channels, average-pooled to the size of the state and added; the finest one
    takes part together with the logits.

    Args:
        in_channels: Channels of the head's maps, from the coarsest, which has the size of the state, to the finest.
        sensory_channels: Channels Cs of the state.
        channels: Channels of the projections.
    """

    def __init__(self, in_channels: Sequence[int], sensory_channels: int, channels: int) -> None:
        super().__init__()
        *coarser, finest = in_channels
        self.projections = nn.ModuleList(nn.Conv2d(c, channels, 1) for c in (*coarser, finest + 1))
        self.update = SensoryUpdate(channels, sensory_channels)

    def forward(self, maps: Sequence[Tensor], logits: Tensor, sensory: Tensor) -> Tensor:
        """Update the state of the objects of one frame of each of B clips.

        Args:
            maps: [B * N, C_i, h * 2^i, w * 2^i].
            logits: [B, N, H/4, W/4], as large as the finest map.
            sensory: [B, N, Cs, h, w].

        Returns:
            The new state [B, N, Cs, h, w].
        """
        *coarser, finest = maps
        with_logits = torch.cat([finest, logits.flatten(0, 1)[:, None]], dim=1)
        # A 1x1 convolution and an average commute; averaged first, there is less to project.
        projected = sum(
            projection(F.adaptive_avg_pool2d(x, sensory.shape[-2:]))
            for projection, x in zip(self.projections, (*coarser, with_logits)))
        return self.update(projected.unflatten(0, sensory.shape[:2]), sensory)
