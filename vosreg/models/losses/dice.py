"""Dice loss over the objects of a frame."""
from typing import Optional

import torch.nn.functional as F
from torch import Tensor

from vosreg.registry import MODELS

from .mask_loss import MaskLoss, mask_absent_objects


@MODELS.register_module()
class DiceLoss(MaskLoss):
    r"""Mean over samples and classes of :math:`1 - (2 \sum p g + 1) / (\sum p + \sum g + 1)`.

    By default a sample averages over the objects that it has; with ``include_background`` this is the term of the
    correspondence paper. With ``slots`` the sum over its objects is divided by a fixed number, as in XMem, so a clip
    with fewer objects weighs less. Neither depends on the other samples of the batch.

    Args:
        include_background: Count the background as a class.
        slots: Number of classes to divide by; None takes those that a sample has. With slots, the classes of absent
            objects stay in the softmax, where their probability is negligible.
        loss_weight: Factor of the loss.
        loss_name: Name in the log; begins with ``loss_``.
    """

    def __init__(self,
                 include_background: bool = False,
                 slots: Optional[int] = None,
                 loss_weight: float = 1.0,
                 loss_name: str = 'loss_dice') -> None:
        super().__init__(loss_weight, loss_name)
        self.include_background = include_background
        self.slots = slots

    def forward(self, logits: Tensor, labels: Tensor, valid: Tensor, iteration: int = 0) -> Tensor:
        """See :meth:`MaskLoss.forward`; the iteration does not matter."""
        present = F.pad(valid, (1, 0), value=True)
        if self.slots is None:
            logits = mask_absent_objects(logits, valid)
        prob = logits.softmax(1).flatten(2)
        target = F.one_hot(labels, logits.shape[1]).permute(0, 3, 1, 2).flatten(2).to(prob.dtype)
        losses = present * (1 - (2 * (prob * target).sum(2) + 1) / (prob.sum(2) + target.sum(2) + 1))
        if not self.include_background:
            losses, present = losses[:, 1:], present[:, 1:]
        return self.loss_weight * (losses.sum(1) / (self.slots or present.sum(1))).mean()
