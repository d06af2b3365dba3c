"""From a memory readout to mask logits."""
from typing import Optional, Sequence

import torch.nn.functional as F
from mmengine.model import BaseModule
from torch import Tensor, nn

from vosreg.registry import MODELS
from vosreg.structures import FeatureSpec, FrameFeatures

from ..layers import ResidualBlock


class UpsampleBlock(BaseModule):
    """Add the twice upsampled coarse map to the projected skip map, then a residual block.

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
        """Skip map [B, C_skip, 2h, 2w] and object maps [B * N, C_in, h, w] -> [B * N, C_out, 2h, 2w].

        The projection of the skip map is the same for all objects of an image and is computed once.
        """
        num_objects = len(x) // len(skip)
        skip = self.skip_projection(skip).repeat_interleave(num_objects, dim=0)
        return self.block(skip + F.interpolate(x, scale_factor=2, mode='bilinear', align_corners=False))


@MODELS.register_module()
class ReadoutHead(BaseModule):
    """The decoder of STCN: fuse readout and context, upsample over the pyramid to stride 4, predict.

    Args:
        spec: Features that the key encoder makes.
        value_channels: Channels Cv of the readout.
        channels: Channels at the key's stride and at each finer stride down to 4: three numbers if the key has
            stride 16, two if it has stride 8.
        fuser: Config of a fuser of [readout, context]; its channels are set here.

    Raises:
        ValueError: The number of ``channels`` does not fit the key's stride.
    """

    def __init__(self,
                 spec: FeatureSpec,
                 value_channels: int,
                 channels: Sequence[int] = (512, 256, 256),
                 fuser: Optional[dict] = None) -> None:
        super().__init__()
        self.strides = [stride for stride in (8, 4) if stride < spec.stride]
        if len(channels) != len(self.strides) + 1:
            raise ValueError(f'a key of stride {spec.stride} needs {len(self.strides) + 1} channels (at strides '
                             f'{[spec.stride, *self.strides]}), not {list(channels)}')
        self.fuser = MODELS.build(
            dict(
                fuser or dict(type='ResidualFuser'),
                in_channels=value_channels + spec.context_channels,
                out_channels=channels[0]))
        self.upsample = nn.ModuleList(
            UpsampleBlock(spec.pyramid_channels[stride], channels[i], channels[i + 1])
            for i, stride in enumerate(self.strides))
        self.predict = nn.Conv2d(channels[-1], 1, 3, padding=1)

    def forward(self, readout: Tensor, features: FrameFeatures) -> Tensor:
        """Decode one frame of each of B clips.

        Args:
            readout: [B, N, Cv, h, w].
            features: Features of the query frame.

        Returns:
            Logits of the objects, independent of each other, [B, N, H/4, W/4].
        """
        num_objects = readout.shape[1]
        context = features.context.repeat_interleave(num_objects, dim=0)
        x = self.fuser(readout.flatten(0, 1), context)
        for stride, upsample in zip(self.strides, self.upsample):
            x = upsample(features.pyramid[stride], x)
        return self.predict(F.relu(x)).unflatten(0, (-1, num_objects))[:, :, 0]
