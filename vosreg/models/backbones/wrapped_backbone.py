"""Backbones of other OpenMMLab packages as feature pyramids."""
from typing import Dict, Sequence

from mmengine.model import BaseModule
from torch import Tensor

from vosreg.registry import MODELS


@MODELS.register_module()
class WrappedBackbone(BaseModule):
    """A backbone that returns a sequence of maps, such as ``mmseg.MixVisionTransformer``, as stride -> map.

    Args:
        backbone: Config of the backbone, with its scope.
        level_strides: Stride of each map that it returns.
        level_channels: Channels of each map that it returns.
        strides: The strides to pass on.

    Raises:
        ValueError: A wanted stride is not among those of the maps.
    """

    def __init__(self,
                 backbone: dict,
                 level_strides: Sequence[int],
                 level_channels: Sequence[int],
                 strides: Sequence[int] = (4, 8, 16)) -> None:
        super().__init__()
        absent = set(strides) - set(level_strides)
        if absent:
            raise ValueError(f'{backbone["type"]} has no map of stride {min(absent)}, only {list(level_strides)}')
        self.backbone = MODELS.build(backbone)
        self.level_strides = tuple(level_strides)
        self.strides = tuple(sorted(strides))
        by_stride = dict(zip(level_strides, level_channels))
        self.channels: Dict[int, int] = {stride: by_stride[stride] for stride in self.strides}

    def forward(self, images: Tensor) -> Dict[int, Tensor]:
        """The pyramid of images [B, 3, H, W]: stride -> [B, C, H/stride, W/stride]."""
        by_stride = dict(zip(self.level_strides, self.backbone(images)))
        return {stride: by_stride[stride] for stride in self.strides}
