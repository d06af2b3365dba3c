"""Samples of one batch may have different numbers of objects."""
import torch.nn.functional as F
from torch import Tensor


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
