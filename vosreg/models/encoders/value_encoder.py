"""From an image and its masks to what is remembered of each object."""
from typing import Optional

import torch
from mmengine.logging import print_log
from mmengine.model import BaseModule
from torch import Tensor

from vosreg.registry import MODELS
from vosreg.structures import FeatureSpec, FrameFeatures

from .mask_inputs import own_and_other_masks


@MODELS.register_module()
class ValueEncoder(BaseModule):
    """The value encoder of STCN and XMem: an image backbone that also sees masks, fused with the key feature.

    The backbone's input has the channels R, G, B, own mask and, if ``see_others``, the sum of the other masks. A state
    dict of the single-object form (four channels, from static-image training) loads into the five-channel form: the
    missing filter column keeps its orthogonal initialisation. To evaluate a single-object network as it is, build its
    own form, which equals five channels with zeros in the last column.

    Args:
        spec: Features that the key encoder makes.
        backbone: Config of a backbone; its ``strides`` and ``in_channels`` are set here.
        value_channels: Channels Cv of the value.
        fuser: Config of a fuser, such as ``AttentionFuser``, of [trunk, backbone map of the key encoder]; its channels
            are set here. What the objects share, the latter, goes through its ``share``.
        see_others: Give the sum of the other masks as a fifth channel.
    """

    def __init__(self,
                 spec: FeatureSpec,
                 backbone: dict,
                 value_channels: int = 512,
                 fuser: Optional[dict] = None,
                 see_others: bool = True) -> None:
        super().__init__()
        self.stride = spec.stride
        self.value_channels = value_channels
        self.see_others = see_others
        self.backbone = MODELS.build(dict(backbone, strides=(self.stride, ), in_channels=5 if see_others else 4))
        channels = self.backbone.channels[self.stride] + spec.pyramid_channels[self.stride]
        self.fuser = MODELS.build(
            dict(fuser or dict(type='AttentionFuser'), in_channels=channels, out_channels=value_channels))
        if see_others:
            self.register_load_state_dict_pre_hook(self._widen_single_object_weights)

    def forward(self,
                image: Tensor,
                features: FrameFeatures,
                masks: Tensor,
                object_chunk: Optional[int] = None) -> Tensor:
        """Encode one frame of each of B clips; objects are a batch dimension.

        Args:
            image: Normalised RGB [B, 3, H, W].
            features: Features of the same images.
            masks: Object probabilities [B, N, H, W].
            object_chunk: Encode this many objects at a time; by default all.

        Returns:
            The values [B, N, Cv, h, w].
        """
        planes = own_and_other_masks(masks) if self.see_others else masks[:, :, None]
        base = self.fuser.share(features.pyramid[self.stride], start=self.backbone.channels[self.stride])
        values = []
        for chunk in planes.to(image.dtype).split(object_chunk or masks.shape[1], dim=1):
            images = image[:, None].expand(-1, chunk.shape[1], -1, -1, -1)
            trunk = self.backbone(torch.cat([images, chunk], dim=2).flatten(0, 1))[self.stride]
            values.append(self.fuser(trunk, shared=base).unflatten(0, (len(image), -1)))
        return torch.cat(values, dim=1)

    @staticmethod
    def _widen_single_object_weights(module: 'ValueEncoder', state_dict: dict, prefix: str, *_) -> None:
        for name, own in module.backbone.named_parameters(prefix=f'{prefix}backbone'):
            loaded = state_dict.get(name)
            if loaded is not None and own.ndim == 4 and own.shape[1] == 5 and loaded.shape[1] == 4:
                print_log(f'{name}: added the channel of the other masks to single-object weights', logger='current')
                state_dict[name] = torch.cat([loaded, own.detach()[:, 4:].to(loaded)], dim=1)
