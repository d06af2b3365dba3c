"""How masks enter a value encoder."""
import torch
from torch import Tensor


def own_and_other_masks(masks: Tensor) -> Tensor:
    """Pair each object's mask with the plain sum of the other objects' masks.

    Args:
        masks: [B, N, H, W], soft or hard.

    Returns:
        [B, N, 2, H, W].
    """
    return torch.stack([masks, masks.sum(1, keepdim=True) - masks], dim=2)
