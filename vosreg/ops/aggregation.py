"""Soft aggregation: from independent object probabilities to one distribution a pixel."""
import torch
from torch import Tensor


def aggregate_logits(prob: Tensor) -> Tensor:
    r"""Class scores of background and objects from independent object probabilities.

    With :math:`p_0 = \prod_k (1 - p_k)` and every probability clamped to [1e-7, 1 - 1e-7], the scores are
    :math:`\log(p_k / (1 - p_k))` (soft aggregation of STM, Oh et al., ICCV 2019, as used by STCN and XMem).
    Computed in float32, since 1 - 1e-7 is 1 in half precision.

    Args:
        prob: Object probabilities in [0, 1], [B, N, H, W].

    Returns:
        Float32 [B, N + 1, H, W], background first; its softmax over axis 1 is the aggregated probability.
    """
    prob = prob.float()
    background = (1 - prob).prod(dim=1, keepdim=True)
    return torch.cat([background, prob], dim=1).clamp(1e-7, 1 - 1e-7).logit()


def soft_aggregate(prob: Tensor) -> Tensor:
    """The softmax of :func:`aggregate_logits`.

    Args:
        prob: Object probabilities in [0, 1], [B, N, H, W]; a hard mask goes through the same function.

    Returns:
        Float32 [B, N + 1, H, W], background first, sums to 1 over axis 1.
    """
    return aggregate_logits(prob).softmax(dim=1)
