"""Another view of each training clip, with the transform between the two views known exactly."""
from typing import Sequence

import numpy as np
import torch
from torch import Tensor

from vosreg.ops import invert_affine, view_matrix, warp
from vosreg.registry import MODELS
from vosreg.structures import SecondView

from .clip_generators import clip_generators


@MODELS.register_module()
class RandomSecondView:
    """Mirror, zoom into and crop the images of a clip, as Zhang et al. do (CVPR 2023), on the images' device.

    Args:
        flip_prob: Probability of mirroring left and right.
        crop: Range of the share of each side that the crop keeps, so 0.5 enlarges twofold; the crop's place is uniform.
            Above 1 the view reaches beyond the image.
        rotation: Largest rotation in degrees.
        per_frame: Draw a transform for each frame instead of one for the clip.

    Raises:
        ValueError: The crop is no range of positive numbers.
    """

    def __init__(self,
                 flip_prob: float = 0.5,
                 crop: Sequence[float] = (0.5, 1),
                 rotation: float = 0,
                 per_frame: bool = False) -> None:
        if not 0 < crop[0] <= crop[1]:
            raise ValueError(f'crop is a range of positive shares of each side, not {tuple(crop)}')
        self.flip_prob = flip_prob
        self.crop = tuple(crop)
        self.rotation = rotation
        self.per_frame = per_frame

    def __call__(self, images: Tensor) -> SecondView:
        """Make the second view of normalised clips [B, T, 3, H, W]; what it lacks of an image is zero."""
        num_clips, num_frames = images.shape[:2]
        draws = np.stack([self._draw(generator, num_frames if self.per_frame else 1, images.shape[-2:])
                          for generator in clip_generators(num_clips, 'second view')], axis=1)
        matrices = invert_affine(view_matrix(*torch.from_numpy(draws), size=images.shape[-2:]))
        matrices = matrices.expand(-1, num_frames, -1, -1).to(images)
        return SecondView(warp(images.flatten(0, 1), matrices.flatten(0, 1)).view_as(images), matrices)

    def _draw(self, generator: np.random.Generator, number: int, size: Sequence[int]) -> np.ndarray:
        """dy, dx, angle, scale and flip of each of a number of transforms, [5, number]."""
        flip = np.where(generator.random(number) < self.flip_prob, -1, 1)
        share = generator.uniform(*self.crop, number)
        dy, dx = generator.uniform(-0.5, 0.5, (2, number)) * np.abs(1 - share) * np.reshape(size, (2, 1))
        angle = generator.uniform(-self.rotation, self.rotation, number)
        return np.stack([dy, dx, angle, 1 / share, flip])
