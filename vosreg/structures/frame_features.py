"""What one image gives to the matching and the decoding, computed once a frame."""
from dataclasses import dataclass, fields, replace
from typing import Dict, Optional

from torch import Tensor


@dataclass(frozen=True)
class FeatureSpec:
    """What a key encoder promises of its :class:`FrameFeatures`, so that the parts that read them can be sized.

    Attributes:
        stride: Stride of key and context.
        key_channels: Ck.
        context_channels: Cc.
        pyramid_channels: Stride -> channels of the pyramid.
    """
    stride: int
    key_channels: int
    context_channels: int
    pyramid_channels: Dict[int, int]


@dataclass
class FrameFeatures:
    """The mask-free features of B images (of one frame each).

    Attributes:
        key: What is matched, [B, Ck, h, w].
        context: What the head and the value encoder see of the image at the key's stride, [B, Cc, h, w].
        pyramid: Stride -> backbone feature [B, C, H/stride, W/stride].
        shrinkage: Sharpness of a memory location, [B, 1, h, w], or None (XMem).
        selection: Channel weights of a query location, [B, Ck, h, w], or None (XMem).
        dot_product: Keys are compared by their dot product (STM), not by their negative squared distance (STCN).
    """
    key: Tensor
    context: Tensor
    pyramid: Dict[int, Tensor]
    shrinkage: Optional[Tensor] = None
    selection: Optional[Tensor] = None
    dot_product: bool = False

    def select(self, index) -> 'FrameFeatures':
        """The features of some of the images: every tensor indexed by ``index`` on its first axis."""
        changes = {}
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, dict):
                changes[field.name] = {stride: tensor[index] for stride, tensor in value.items()}
            elif isinstance(value, Tensor):
                changes[field.name] = value[index]
        return replace(self, **changes)
