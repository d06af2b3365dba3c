"""From a memory readout to mask logits."""
from typing import Optional, Sequence, Tuple

import torch
import torch.nn.functional as F
from mmengine.model import BaseModule
from torch import Tensor, nn

from vosreg.registry import MODELS
from vosreg.structures import FeatureSpec, FrameFeatures

from ..layers import PyramidSensoryUpdate, ResidualBlock, SharedInput


class UpsampleBlock(BaseModule):
    """Add the twice upsampled coarse map to the projected skip map, then a residual block.

    The projection of the skip map is the same for all objects of an image, and is left to the caller.

    Args:
        skip_channels: Channels of the skip map.
        in_channels: Channels of the coarse map.
        out_channels: Channels of the output.
    """

    def __init__(self, skip_channels: int, in_channels: int, out_channels: int) -> None:
        super().__init__()
        self.skip_projection = nn.Conv2d(skip_channels, in_channels, 3, padding=1)
        self.block = ResidualBlock(in_channels, out_channels)

    def forward(self, skip: Tensor, x: Tensor) -> Tensor:
        """Projected skip map [B, C_in, 2h, 2w] and object maps [B * N, C_in, h, w] -> [B * N, C_out, 2h, 2w]."""
        x = F.interpolate(x, scale_factor=2, mode='bilinear', align_corners=False)
        x.unflatten(0, (len(skip), -1)).add_(skip[:, None])
        return self.block(x)


@MODELS.register_module()
class ReadoutHead(BaseModule):
    """The decoder of STCN and XMem: fuse readout and context, upsample over the pyramid to stride 4, predict.

    With a sensory memory, its state is fused too, and the decoded maps refresh it.

    Args:
        spec: Features that the key encoder makes.
        value_channels: Channels Cv of the readout.
        channels: Channels at the key's stride and at each finer stride down to 4: four numbers if the key has stride
            32, three if it has stride 16, two if it has stride 8.
        fuser: Config of a fuser, such as ``ResidualFuser``, of [readout, context, sensory state]; its channels are set
            here. What the objects share, the context, goes through its ``share``.
        sensory_channels: Channels Cs of the sensory state; 0 for a model without one.

    Raises:
        ValueError: The number of ``channels`` does not fit the key's stride, or the backbone has no map of a finer one.
    """

    def __init__(self,
                 spec: FeatureSpec,
                 value_channels: int,
                 channels: Sequence[int] = (512, 256, 256),
                 fuser: Optional[dict] = None,
                 sensory_channels: int = 0) -> None:
        super().__init__()
        self.strides = [stride for stride in (16, 8, 4) if stride < spec.stride]
        if len(channels) != len(self.strides) + 1:
            raise ValueError(f'a key of stride {spec.stride} needs {len(self.strides) + 1} channels (at strides '
                             f'{[spec.stride, *self.strides]}), not {list(channels)}')
        absent = [stride for stride in self.strides if stride not in spec.pyramid_channels]
        if absent:
            raise ValueError(f'the head needs a map of stride {absent[0]}, but the backbone of the key encoder has '
                             f'only {list(spec.pyramid_channels)}; set its strides')
        self.value_channels = value_channels
        self.fuser = MODELS.build(
            dict(
                fuser or dict(type='ResidualFuser'),
                in_channels=value_channels + spec.context_channels + sensory_channels,
                out_channels=channels[0]))
        self.upsample = nn.ModuleList(
            UpsampleBlock(spec.pyramid_channels[stride], channels[i], channels[i + 1])
            for i, stride in enumerate(self.strides))
        self.predict = nn.Conv2d(channels[-1], 1, 3, padding=1)
        self.sensory_update = PyramidSensoryUpdate(
            channels, sensory_channels, channels[-1]) if sensory_channels else None

    def forward(self,
                readout: Tensor,
                features: FrameFeatures,
                sensory: Optional[Tensor] = None,
                update_sensory: bool = False,
                object_chunk: Optional[int] = None) -> Tuple[Tensor, Optional[Tensor]]:
        """Decode one frame of each of B clips.

        Args:
            readout: [B, N, Cv, h, w].
            features: Features of the query frame.
            sensory: Sensory state [B, N, Cs, h, w], if the model has one.
            update_sensory: Refresh the sensory state.
            object_chunk: Decode this many objects at a time; by default all.

        Returns:
            Logits of the objects, independent of each other, [B, N, H/4, W/4], and the sensory state.
        """
        context = self.fuser.share(features.context, start=self.value_channels)
        skips = [upsample.skip_projection(features.pyramid[stride])
                 for stride, upsample in zip(self.strides, self.upsample)]
        size = object_chunk or readout.shape[1]
        states = [None] * readout.shape[1] if sensory is None else sensory.split(size, dim=1)
        logits, states = zip(*(
            self._decode(chunk, state, context, skips, update_sensory)
            for chunk, state in zip(readout.split(size, dim=1), states)))
        return torch.cat(logits, dim=1), None if sensory is None else torch.cat(states, dim=1)

    def _decode(self, readout: Tensor, sensory: Optional[Tensor], context: SharedInput, skips: Sequence[Tensor],
                update_sensory: bool) -> Tuple[Tensor, Optional[Tensor]]:
        """Decode some of the objects, with what is the same for all of them."""
        num_objects = readout.shape[1]
        inputs = [maps.flatten(0, 1) for maps in (readout, sensory) if maps is not None]
        maps = [self.fuser(*inputs, shared=context)]
        for skip, upsample in zip(skips, self.upsample):
            maps.append(upsample(skip, maps[-1]))
        logits = self.predict(F.relu(maps[-1])).unflatten(0, (-1, num_objects))[:, :, 0]
        if update_sensory:
            sensory = self.sensory_update(maps, logits, sensory)
        return logits, sensory
