"""Cross entropy that ends up looking at the hardest pixels only."""
import torch.nn.functional as F
from torch import Tensor

from vosreg.registry import MODELS

from .mask_loss import MaskLoss, mask_absent_objects


@MODELS.register_module()
class BootstrappedCrossEntropy(MaskLoss):
    """Mean cross entropy over the hardest share p of the pixels of each sample.

    p is 1 until ``start``, falls linearly to ``final_share`` at ``end`` and stays there (STCN, NeurIPS 2021).

    Args:
        start: Iteration at which p begins to fall.
        end: Iteration at which p reaches ``final_share``.
        final_share: The p of the end.
        loss_weight: Factor of the loss.
        loss_name: Name in the log; begins with ``loss_``.
    """

    def __init__(self,
                 start: int = 20000,
                 end: int = 70000,
                 final_share: float = 0.15,
                 loss_weight: float = 1.0,
                 loss_name: str = 'loss_ce') -> None:
        super().__init__(loss_weight, loss_name)
        self.start, self.end, self.final_share = start, end, final_share

    def share(self, iteration: int) -> float:
        """The share p of the pixels that count at an iteration."""
        if iteration < self.start:
            return 1.0
        if iteration >= self.end:
            return self.final_share
        left = (self.end - iteration) / (self.end - self.start)
        return self.final_share + (1 - self.final_share) * left

    def forward(self, logits: Tensor, labels: Tensor, valid: Tensor, iteration: int) -> Tensor:
        """See :meth:`MaskLoss.forward`."""
        errors = F.cross_entropy(mask_absent_objects(logits, valid), labels, reduction='none').flatten(1)
        share = self.share(iteration)
        if share < 1:
            errors = errors.topk(max(1, int(errors.shape[1] * share)), dim=1).values
        return self.loss_weight * errors.mean()
