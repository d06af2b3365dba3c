"""What the locations of a query frame are matched to in memory."""
from dataclasses import dataclass
from typing import Sequence, Tuple

import torch
from torch import Tensor


@dataclass(frozen=True)
class KeyGrid:
    """Where the locations of a key map lie in the image.

    Attributes:
        size: (h, w) of the key map.
        stride: Pixels of the padded image a location, in each direction.
        padding: (left, top), what was padded to the image, in pixels.
        image_size: (H, W) of the image before padding.
    """
    size: Tuple[int, int]
    stride: int
    padding: Tuple[int, int]
    image_size: Tuple[int, int]

    def locate(self, shape: Sequence[int]) -> Tensor:
        """The location y * w + x in which each pixel's centre lies.

        Args:
            shape: (H0, W0) of the image at the size asked for, such as that of a mask on disk.

        Returns:
            int64 [H0, W0].
        """
        (height, width), (left, top) = self.image_size, self.padding
        y = (torch.arange(shape[0]) + 0.5) * height / shape[0] + top
        x = (torch.arange(shape[1]) + 0.5) * width / shape[1] + left
        return (y // self.stride).long()[:, None] * self.size[1] + (x // self.stride).long()

    def centres(self, shape: Sequence[int]) -> Tensor:
        """The pixel coordinates (x, y) of the locations' centres; pixel centres are at integers.

        Args:
            shape: (H0, W0) of the image at the size asked for.

        Returns:
            float32 [h, w, 2]; outside of the image in the padding.
        """
        (height, width), (left, top) = self.image_size, self.padding
        y = ((torch.arange(self.size[0]) + 0.5) * self.stride - top) * shape[0] / height - 0.5
        x = ((torch.arange(self.size[1]) + 0.5) * self.stride - left) * shape[1] / width - 0.5
        return torch.stack(torch.meshgrid(x, y, indexing='xy'), dim=-1)


@dataclass(frozen=True)
class Matches:
    """The k memory locations that each of the Q = h * w locations of a query frame reads, the best first.

    Attributes:
        weights: Affinity after the softmax, [Q, k]; rows sum to 1.
        frames: Index of the memory frame, int64 [Q, k]; -1 for what belongs to no frame, such as a prototype.
        locations: y * w + x in that frame, int64 [Q, k].
        grid: Where the locations lie, in query and memory frames alike.
    """
    weights: Tensor
    frames: Tensor
    locations: Tensor
    grid: KeyGrid
