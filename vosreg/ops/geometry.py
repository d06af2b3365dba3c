"""Padding to a multiple of the network's stride, and back."""
from typing import Tuple

import torch.nn.functional as F
from torch import Tensor

Padding = Tuple[int, int, int, int]


def pad_to_multiple(image: Tensor, multiple: int) -> Tuple[Tensor, Padding]:
    """Pad with zeros, evenly on both sides, the odd pixel at the right and the bottom.

    Args:
        image: [..., H, W].
        multiple: Both sides are brought up to a multiple of this many pixels.

    Returns:
        The padded tensor and the padding (left, right, top, bottom) for :func:`unpad`.
    """
    missing_rows, missing_columns = -image.shape[-2] % multiple, -image.shape[-1] % multiple
    top, left = missing_rows // 2, missing_columns // 2
    padding = (left, missing_columns - left, top, missing_rows - top)
    return (F.pad(image, padding) if any(padding) else image), padding


def unpad(image: Tensor, padding: Padding) -> Tensor:
    """Undo :func:`pad_to_multiple`.

    Args:
        image: [..., H, W].
        padding: (left, right, top, bottom).

    Returns:
        The inner part, a view.
    """
    left, right, top, bottom = padding
    return image[..., top:image.shape[-2] - bottom, left:image.shape[-1] - right]
