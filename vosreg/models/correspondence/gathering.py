"""Clips of the other processes, with gradients back to them."""
import torch
import torch.nn.functional as F
from mmengine.dist import all_gather, all_reduce, get_rank, get_world_size
from torch import Tensor


class _Gather(torch.autograd.Function):
    """torch.distributed.nn has this too, but deprecated."""

    @staticmethod
    def forward(ctx, tensor: Tensor) -> Tensor:
        return torch.cat(all_gather(tensor.contiguous()))

    @staticmethod
    def backward(ctx, gradient: Tensor) -> Tensor:
        gradient = gradient.clone(memory_format=torch.contiguous_format)
        all_reduce(gradient)
        return gradient.chunk(get_world_size())[get_rank()]


def gather_clips(tensor: Tensor) -> Tensor:
    """The tensors of all processes, one after the other.

    In the backward pass each process gets the sum of all processes' gradients to its own part: after the mean that
    distributed training takes, the gradient of the mean of the processes' losses.

    Args:
        tensor: [B, ...], of the same shape in every process.

    Returns:
        [W * B, ...] in W processes; the tensor itself in one.
    """
    return tensor if get_world_size() == 1 else _Gather.apply(tensor)


def gather_ragged(tensor: Tensor, padding: float = 0) -> Tensor:
    """The tensors of all processes, which may have different lengths, with gradients as :func:`gather_clips`.

    Args:
        tensor: [R, C]; R is each process's own.
        padding: What fills the rows that a process has less than the longest.

    Returns:
        [W * L, C] in W processes, the longest of which has L rows; the tensor itself in one.
    """
    if get_world_size() == 1:
        return tensor
    longest = torch.tensor(len(tensor), device=tensor.device)
    all_reduce(longest, op='max')
    return gather_clips(F.pad(tensor, (0, 0, 0, int(longest) - len(tensor)), value=padding))
