"""Dice loss over the objects of a frame."""
import torch
import torch.nn.functional as F
from mmengine.model import BaseModule
from torch import Tensor

from vosreg.registry import MODELS

from .masking import mask_absent_objects


@MODELS.register_module()
class DiceLoss(BaseModule):
    r"""Mean over samples and classes of :math:`1 - (2 \sum p g + 1) / (\sum p + \sum g + 1)`.

    The defaults average over all object slots of the batch, also those that a sample does not fill (their probability
    is 0, so they cost nothing), as XMem does. With ``include_background`` and ``present_only`` it is the term of the correspondence paper:
    background counts as a class, and a sample averages over the classes that it has.

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
        super().__init__()
        self.include_background = include_background
        self.present_only = present_only
        self.loss_weight = loss_weight
        self.loss_name = loss_name

    def forward(self, logits: Tensor, labels: Tensor, valid: Tensor, iteration: int = 0) -> Tensor:
        """Compute the loss of one frame.

        Args:
            logits: Class scores, background first, [B, N + 1, H, W].
            labels: Object numbers, 0 background, int64 [B, H, W].
            valid: Which of the N objects a sample has, bool [B, N].
            iteration: Not used.

        Returns:
            The weighted loss, mean over the samples.
        """
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
