"""What the mask losses share: samples of one batch may have different numbers of objects."""
import torch.nn.functional as F
from mmengine.model import BaseModule
from torch import Tensor


class MaskLoss(BaseModule):
    """A loss that is called as ``loss(logits, labels, valid, iteration)`` on one frame of each of B clips.

    Losses of other scopes, which know neither absent objects nor iterations, are called as ``loss(logits, labels)``.

    Args:
        loss_weight: Factor of the loss.
        loss_name: Name in the log; begins with ``loss_``.
    """

    def __init__(self, loss_weight: float, loss_name: str) -> None:
        super().__init__()
        self.loss_weight = loss_weight
        self.loss_name = loss_name

    def forward(self, logits: Tensor, labels: Tensor, valid: Tensor, iteration: int) -> Tensor:
        """Compute the loss.

        Args:
            logits: Class scores, background first, [B, N + 1, H, W].
            labels: Object numbers, 0 background, int64 [B, H, W].
            valid: Which of the N objects a sample has, bool [B, N]; the others' classes do not exist for it.
            iteration: Current iteration, from 0.

        Returns:
            The weighted loss, mean over the samples.
        """
        raise NotImplementedError


def mask_absent_objects(logits: Tensor, valid: Tensor) -> Tensor:
    """Take the classes of absent objects out of the softmax.

    Args:
        logits: Class scores, background first, [B, N + 1, H, W].
        valid: Which objects a sample has, bool [B, N].

    Returns:
        The scores with minus infinity at absent objects.
    """
    present = F.pad(valid, (1, 0), value=True)
    return logits.masked_fill(~present[:, :, None, None], float('-inf'))
