"""The memory of a training clip: short, dense, differentiable."""
from typing import List, Optional, Sequence

import numpy as np
import torch
from torch import Tensor

from vosreg.ops import readout, similarity
from vosreg.registry import MEMORY_BANKS
from vosreg.structures import FrameFeatures


@MEMORY_BANKS.register_module()
class ClipMemory:
    """Written frames are read by a softmax over all their locations, with gradients to keys and values.

    Args:
        reference_frames: Read at most this many frames: the first one and random others, drawn anew for each read and
            each clip, as XMem is trained (Cheng and Schwing, ECCV 2022). None reads all.
        generators: Random generators of the B clips; needed with ``reference_frames``.

    Attributes:
        sensory: Sensory state of the objects, [B, N, Cs, h, w]; None for a model without one.
    """

    def __init__(self,
                 reference_frames: Optional[int] = None,
                 generators: Sequence[np.random.Generator] = ()) -> None:
        self.reference_frames = reference_frames
        self.generators = generators
        self.features: List[FrameFeatures] = []
        self.values: List[Tensor] = []
        self.sensory: Optional[Tensor] = None

    def write(self,
              features: FrameFeatures,
              value: Tensor,
              frame_index: int,
              permanent: bool = False,
              temporary: bool = False) -> None:
        """Remember one frame of each of B clips.

        Args:
            features: Its features; the key is [B, Ck, h, w].
            value: [B, N, Cv, h, w].
            frame_index: Not used.
            permanent: Not used: the frames of a training clip are all kept.
            temporary: Not used.
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
        chosen = self._choose_frames()
        shrinkage = None
        if self.features[0].shrinkage is not None:
            shrinkage = _join([memory.shrinkage.flatten(2) for memory in self.features], chosen)
        scores = similarity(
            _join([memory.key.flatten(2) for memory in self.features], chosen), features.key.flatten(2), shrinkage,
            None if features.selection is None else features.selection.flatten(2), features.dot_product)
        value = _join([value.flatten(3) for value in self.values], chosen)
        return readout(scores.softmax(-1), value).unflatten(3, features.key.shape[-2:])

    def _choose_frames(self) -> Optional[List[List[int]]]:
        """The frames that each clip reads, or None for all."""
        num_frames, num_chosen = len(self.features), self.reference_frames
        if num_chosen is None or num_frames <= num_chosen:
            return None
        return [[0, *sorted(1 + generator.permutation(num_frames - 1)[:num_chosen - 1])]
                for generator in self.generators]


def _join(frames: List[Tensor], chosen: Optional[List[List[int]]]) -> Tensor:
    """Lay chosen frames [B, ..., h * w] of each clip side by side: [B, ..., chosen * h * w]."""
    if chosen is None:
        return torch.cat(frames, dim=-1)
    return torch.stack([torch.cat([frames[t][clip] for t in times], dim=-1) for clip, times in enumerate(chosen)])
