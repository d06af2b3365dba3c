"""One video seen in several ways at test time."""
from dataclasses import dataclass
from typing import List, Optional, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from vosreg.fileio import VOID_ID

from .video_stream import MAPS_AT_ONCE, VideoStream, resize_maps


@dataclass(frozen=True)
class TestView:
    """A way to see a video.

    Attributes:
        scale: Factor of the size of the input.
        flip: Mirror left and right.
    """
    scale: float = 1
    flip: bool = False

    # Not a test of pytest, which collects classes by their names.
    __test__ = False

    def __post_init__(self) -> None:
        if not self.scale > 0:
            raise ValueError(f'the scale of a view of test_cfg.views is a positive factor, not {self.scale}')

    def look(self, image: Tensor) -> Tensor:
        """An image [3, H, W] in this view."""
        if self.scale != 1:
            image = F.interpolate(
                image[None], self._size(image), mode='bilinear', align_corners=False, antialias=self.scale < 1)[0]
        return image.flip(-1) if self.flip else image

    def look_at_mask(self, mask: Tensor) -> Tensor:
        """An index mask [H, W] in this view."""
        if self.scale != 1:
            mask = F.interpolate(mask[None, None], self._size(mask), mode='nearest-exact')[0, 0]
        return mask.flip(-1) if self.flip else mask

    def look_back(self, prob: Tensor, size: Sequence[int]) -> Tensor:
        """Probabilities [C, h, w] of this view as those of the video, [C, H, W]."""
        return resize_maps(prob.flip(-1) if self.flip else prob, size)

    def _size(self, image: Tensor) -> List[int]:
        return [round(side * self.scale) for side in image.shape[-2:]]


class AugmentedStream:
    """Segments a video in every view by itself and averages the probabilities.

    Args:
        streams: A running video for each view.
        views: The views.
    """

    def __init__(self, streams: Sequence[VideoStream], views: Sequence[TestView]) -> None:
        self.streams = streams
        self.views = views

    @property
    def first(self) -> VideoStream:
        """The stream of the first view, whose matches are the video's; all are of the same frame and objects."""
        return self.streams[0]

    def step(self, image: Tensor, given_mask: Optional[Tensor], given_ids: Optional[Sequence[int]],
             is_last: bool) -> List[Tensor]:
        """Take the next frame, see :meth:`VideoStream.step`.

        Args:
            image: Normalised [3, H, W].
            given_mask: Index mask [H, W] of objects that enter, or None.
            given_ids: The ids of these objects, also of those that are too small to be seen in a view; by default those
                in the mask.
            is_last: No frame follows.

        Returns:
            The probabilities of each view as it sees them, float32 [K + 1, h, w] each.
        """
        if given_mask is not None and not given_ids:
            given_ids = [i for i in given_mask.unique().tolist() if i not in (0, VOID_ID)]
        probs = []
        for stream, view in zip(self.streams, self.views):
            mask = None if given_mask is None else view.look_at_mask(given_mask)
            probs.append(stream.step(view.look(image), mask, None if mask is None else given_ids, is_last))
        return probs

    def scores(self, probs: Sequence[Tensor], size: Sequence[int]) -> Tensor:
        """The mean over the views.

        Args:
            probs: Result of :meth:`step`, or the same part of the maps of each view.
            size: (H0, W0) of the result.

        Returns:
            Probabilities float32 [K + 1, H0, W0].
        """
        maps = [view.look_back(prob, size) for view, prob in zip(self.views, probs)]
        return torch.stack(maps).mean(0) if len(maps) > 1 else maps[0]

    def index_mask(self, probs: Sequence[Tensor], size: Sequence[int]) -> Tensor:
        """What is most probable on the mean over the views, see :meth:`VideoStream.index_mask`."""
        parts = zip(*(prob.split(MAPS_AT_ONCE) for prob in probs))
        return self.first.most_probable(self.scores(part, size) for part in parts)
