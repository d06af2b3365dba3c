"""From what the data loader collates to what the network takes, on the network's device."""
from typing import Optional, Sequence

import torch
from mmengine.model import BaseDataPreprocessor
from torch import Tensor

from vosreg.registry import MODELS


@MODELS.register_module()
class VOSDataPreprocessor(BaseDataPreprocessor):
    """Stack the images of a batch, normalise them, and make the second view of training clips if there is to be one.

    Args:
        mean: Mean of R, G, B, in grey levels 0..255.
        std: Standard deviation of R, G, B, in grey levels.
        second_view: Config of what makes the second view of a training clip, such as :class:`RandomSecondView`. Set
            by a model that has correspondence losses.
    """

    def __init__(self,
                 mean: Sequence[float] = (123.675, 116.28, 103.53),
                 std: Sequence[float] = (58.395, 57.12, 57.375),
                 second_view: Optional[dict] = None) -> None:
        super().__init__()
        self.register_buffer('mean', torch.tensor(mean).view(3, 1, 1), persistent=False)
        self.register_buffer('std', torch.tensor(std).view(3, 1, 1), persistent=False)
        self.second_view = MODELS.build(second_view) if second_view else None

    def forward(self, data: dict, training: bool = False) -> dict:
        """Prepare a batch.

        Args:
            data: ``inputs``: list of uint8 clips [T, 3, H, W] or frames [3, H, W], all of one size; ``data_samples``:
                list of :class:`VOSDataSample`.
            training: Make the second view too.

        Returns:
            ``inputs``: float32 [B, T, 3, H, W] or [B, 3, H, W]; ``data_samples`` on the same device; ``second_view``:
            a :class:`~vosreg.structures.SecondView`, if there is to be one.
        """
        data = self.cast_data(data)
        images = self.normalise(torch.stack(data['inputs']))
        batch = dict(inputs=images, data_samples=data['data_samples'])
        if training and self.second_view:
            batch['second_view'] = self.second_view(images)
        return batch

    def normalise(self, images: Tensor) -> Tensor:
        """Grey levels [..., 3, H, W] -> network input, float32."""
        return (images.float() - self.mean) / self.std
