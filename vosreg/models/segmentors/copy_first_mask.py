"""The baseline that every method must beat."""
from typing import List

import torch
import torch.nn.functional as F
from mmengine.model import BaseModel
from torch import Tensor

from vosreg.registry import MODELS
from vosreg.structures import VOSDataSample


@MODELS.register_module()
class CopyFirstMask(BaseModel):
    """Predict the given masks again in every later frame, as if nothing moved. It has no weights."""

    def forward(self, inputs: List[Tensor], data_samples: List[VOSDataSample], mode: str) -> List[VOSDataSample]:
        """Add ``pred_mask`` to frames of videos that arrive in order; MMEngine calls it with mode ``predict``."""
        for image, sample in zip(inputs, data_samples):
            if sample.frame_index == 0:
                self._mask = torch.zeros_like(image[0], dtype=torch.uint8)
            if 'given_mask' in sample:
                self._mask = torch.where(sample.given_mask > 0, sample.given_mask, self._mask)
            sample.pred_mask = F.interpolate(self._mask[None, None], size=sample.ori_shape, mode='nearest')[0, 0]
        return data_samples
