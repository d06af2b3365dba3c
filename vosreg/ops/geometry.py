"""Where pixels go: padding to a multiple of the network's stride, and affine views of an image.

Affine matrices [..., 2, 3] act on the normalised coordinates of :func:`torch.nn.functional.affine_grid` with
``align_corners=False``: x and y run from -1 to 1 between the outer borders of the outermost pixels.
"""
from typing import Sequence, Tuple

import torch
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


def view_matrix(dy: Tensor, dx: Tensor, angle: Tensor, scale: Tensor, flip: Tensor, size: Sequence[int]) -> Tensor:
    """Where a view of an image, mirrored, then cropped, turned and enlarged to the image's size, puts each point.

    The matrix A of the correspondence paper's code (Zhang et al., CVPR 2023), for images of any aspect, and a proper
    rotation also of a mirrored image, where theirs is a shear. To make the view, :func:`warp` the image with the
    inverse.

    Args:
        dy: Centre of the crop below the image's centre, in pixels, [...].
        dx: Centre of the crop right of the image's centre, in the mirrored image, in pixels, [...].
        angle: Rotation about the crop's centre in degrees, counter-clockwise, [...].
        scale: Enlargement, one over the crop's share of each side, [...].
        flip: -1 to mirror left and right, 1 not to, [...].
        size: (H, W) of the image and of the view.

    Returns:
        From coordinates of the image to coordinates of the view, [..., 2, 3].
    """
    height, width = size
    cosine, sine = scale * torch.deg2rad(angle).cos(), scale * torch.deg2rad(angle).sin()
    return torch.stack([
        torch.stack([flip * cosine, sine * height / width, -(cosine * dx + sine * dy) * 2 / width], dim=-1),
        torch.stack([-flip * sine * width / height, cosine, (sine * dx - cosine * dy) * 2 / height], dim=-1),
    ], dim=-2)


def invert_affine(matrix: Tensor) -> Tensor:
    """The inverse of affine maps [..., 2, 3], of the same shape."""
    inverse = torch.linalg.inv(matrix[..., :2])
    return torch.cat([inverse, -inverse @ matrix[..., 2:]], dim=-1)


def warp(maps: Tensor, matrix: Tensor, mode: str = 'bilinear') -> Tensor:
    """Look up maps at moved coordinates, zero outside of them, whatever the autocast.

    Args:
        maps: [B, C, H, W].
        matrix: From coordinates of the result to coordinates of the maps, [B, 2, 3].
        mode: ``bilinear`` or ``nearest``.

    Returns:
        [B, C, H, W].
    """
    # Autocast would round the coordinates: in bfloat16 they are up to 0.6 pixels off in an image of 384.
    with torch.autocast(maps.device.type, enabled=False):
        grid = F.affine_grid(matrix.to(maps.dtype), list(maps.shape), align_corners=False)
        return F.grid_sample(maps, grid, mode=mode, padding_mode='zeros', align_corners=False)
