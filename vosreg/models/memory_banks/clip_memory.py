"""The memory of a training clip: short, dense, differentiable."""
from typing import List

import torch
from torch import Tensor

from vosreg.ops import readout, similarity
from vosreg.registry import MEMORY_BANKS
from vosreg.structures import FrameFeatures


@MEMORY_BANKS.register_module()
class ClipMemory:
    """Every written frame is read by a softmax over all its locations, with gradients to keys and values."""

    def __init__(self) -> None:
        self.features: List[FrameFeatures] = []
        self.values: List[Tensor] = []

    def write(self, features: FrameFeatures, value: Tensor, frame_index: int, permanent: bool = True) -> None:
        """Remember one frame of each of B clips.

        Args:
            features: Its features; the key is [B, Ck, h, w].
            value: [B, N, Cv, h, w].
            frame_index: Not used.
            permanent: Not used: the frames of a training clip are all kept.
        """
        self.features.append(features)
        self.values.append(value)

    def read(self, features: FrameFeatures) -> Tensor:
        """Read the memory with the keys of a query frame.

        Args:
            features: Features of the query frame of each of B clips.

        Returns:
            The readout [B, N, Cv, h, w].
        """
        scores = similarity(
            torch.cat([memory.key.flatten(2) for memory in self.features], dim=2), features.key.flatten(2))
        value = torch.cat([value.flatten(3) for value in self.values], dim=3)
        return readout(scores.softmax(-1), value).unflatten(3, features.key.shape[-2:])
