"""Dice loss over the objects of a frame."""
import torch
import torch.nn.functional as F
from torch import Tensor

from vosreg.registry import MODELS

from .mask_loss import MaskLoss, mask_absent_objects


@MODELS.register_module()
class DiceLoss(MaskLoss):
    r"""Mean over samples and classes of :math:`1 - (2 \sum p g + 1) / (\sum p + \sum g + 1)`.

    The defaults average over all object slots of the batch, also those that a sample does not fill (their probability
    is 0, so they cost nothing), as XMem does. With ``include_background`` and ``present_only`` it is the term of the
    correspondence paper: background counts as a class, and a sample averages over the classes that it has.

    Args:
        include_background: Count the background as a class.
        present_only: The classes that a sample lacks do not exist for it, neither in the softmax nor in the average.
        loss_weight: Factor of the loss.
        loss_name: Name in the log; begins with ``loss_``.
    """

    def __init__(self,
                 include_background: bool = False,
                 present_only: bool = False,
                 loss_weight: float = 1.0,
                 loss_name: str = 'loss_dice') -> None:
        super().__init__(loss_weight, loss_name)
        self.include_background = include_background
        self.present_only = present_only

    def forward(self, logits: Tensor, labels: Tensor, valid: Tensor, iteration: int = 0) -> Tensor:
        """See :meth:`MaskLoss.forward`; the iteration does not matter."""
        present = F.pad(valid, (1, 0), value=True)
        if self.present_only:
            logits = mask_absent_objects(logits, valid)
        prob = logits.softmax(1).flatten(2) * present[:, :, None]
        target = F.one_hot(labels, logits.shape[1]).permute(0, 3, 1, 2).flatten(2).to(prob.dtype)
        losses = 1 - (2 * (prob * target).sum(2) + 1) / (prob.sum(2) + target.sum(2) + 1)
        counted = present if self.present_only else torch.ones_like(present)
        if not self.include_background:
            losses, counted = losses[:, 1:], counted[:, 1:]
        return self.loss_weight * ((losses * counted).sum(1) / counted.sum(1)).mean()
