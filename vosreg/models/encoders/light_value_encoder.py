"""A value encoder without an image backbone."""
from typing import Optional

import torch
import torch.nn.functional as F
from mmengine.model import BaseModule
from torch import Tensor, nn

from vosreg.registry import MODELS
from vosreg.structures import FeatureSpec, FrameFeatures

from ..layers import ResidualBlock
from .mask_inputs import own_and_other_masks


@MODELS.register_module()
class LightValueEncoder(BaseModule):
    """Encode masks at full detail beside the context that the key encoder has already computed.

    Own mask and sum of the other masks are pixel-unshuffled to the key's stride, so that no pixel of a thin object is
    lost, projected, added to the projected context and refined by residual blocks.

    Args:
        spec: Features that the key encoder makes.
        value_channels: Channels Cv of the value.
        num_blocks: Number of residual blocks.
    """

    def __init__(self, spec: FeatureSpec, value_channels: int = 128, num_blocks: int = 2) -> None:
        super().__init__()
        self.stride = spec.stride
        self.value_channels = value_channels
        self.mask_projection = nn.Conv2d(2 * self.stride**2, value_channels, 1)
        self.context_projection = nn.Conv2d(spec.context_channels, value_channels, 1)
        self.blocks = nn.Sequential(*[ResidualBlock(value_channels, value_channels) for _ in range(num_blocks)])

    def forward(self,
                image: Tensor,
                features: FrameFeatures,
                masks: Tensor,
                object_chunk: Optional[int] = None) -> Tensor:
        """Encode one frame of each of B clips.

        Args:
            image: Not used; value encoders share one signature.
            features: Features of the frame; the context is [B, Cc, h, w].
            masks: Object probabilities [B, N, H, W].
            object_chunk: Encode this many objects at a time; by default all.

        Returns:
            The values [B, N, Cv, h, w].
        """
        planes = own_and_other_masks(masks).to(features.context.dtype)
        context = self.context_projection(features.context)[:, None]
        values = []
        for chunk in planes.split(object_chunk or masks.shape[1], dim=1):
            projected = self.mask_projection(F.pixel_unshuffle(chunk.flatten(0, 1), self.stride))
            projected.unflatten(0, chunk.shape[:2]).add_(context)
            values.append(self.blocks(projected).unflatten(0, chunk.shape[:2]))
        return torch.cat(values, dim=1)
