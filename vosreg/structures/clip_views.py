"""Two views of a training clip, whose pixels are known to correspond."""
from dataclasses import dataclass
from typing import Optional

from torch import Tensor

from .frame_features import FrameFeatures


@dataclass
class SecondView:
    """The images of a batch of B clips of T frames once more, seen otherwise.

    Attributes:
        images: Normalised RGB [B, T, 3, H, W].
        matrices: From coordinates of the second view to those of the first (see :mod:`vosreg.ops.geometry`),
            [B, T, 2, 3]: warping the first view with them gives the second.
    """
    images: Tensor
    matrices: Tensor


@dataclass
class ClipViews:
    """The features of both views of a batch of B clips of T frames: what a correspondence loss sees.

    All but ``first`` is None when no loss uses the second view.

    Attributes:
        first: Features of the first view, clip by clip, B * T images, with gradient.
        second_start: Features of frame 0 of the second view, B images, with gradient.
        second_rest: Features of the later frames of the second view, clip by clip, B * (T - 1) images, without
            gradient.
        matrices: See :class:`SecondView`.
    """
    first: FrameFeatures
    second_start: Optional[FrameFeatures] = None
    second_rest: Optional[FrameFeatures] = None
    matrices: Optional[Tensor] = None
