"""Pixel-level correspondence: which pixel of frame 0 does this pixel belong to, in this video and not in another?

Letters: B clips, T frames, C channels, h x w map, P = h * w positions, K anchors a clip, A anchors of all clips.
"""
from typing import Callable, Dict, List, Optional, Sequence, Tuple

import numpy as np
import torch
from mmengine.dist import all_reduce, get_rank
from torch import Tensor

from vosreg.ops import squared_distance_scores, warp
from vosreg.registry import MODELS
from vosreg.structures import ClipViews, FeatureSpec, VOSDataSample

from ..clip_generators import clip_generators
from .correspondence_loss import CorrespondenceLoss
from .gathering import gather_clips

# Memory keys [B, C, M] and query keys [B, C, Q] -> scores [B, Q, M].
Scoring = Callable[[Tensor, Tensor], Tensor]


@MODELS.register_module()
class PixelCorrespondence(CorrespondenceLoss):
    """The pixel-level losses of Zhang et al. (CVPR 2023, arXiv 2304.06211), which need no masks.

    Anchors are features on a random grid of frame 0 of every clip. Each position of the later frames is assigned to
    the anchors by the score that segmentation matches by, negative squared distance or dot product. The second view
    says which anchor of its own clip is right (without gradient), and the first view, aligned with it, learns it by
    cross entropy over the anchors of all clips: to find the same pixel again under flip and zoom, and not in another
    video. With one clip in the batch the other positions of that clip are all there is to tell apart. The cross-view
    term matches aligned positions of frame 0 between the two views.

    Args:
        spec: Features that the key encoder makes.
        anchors: Anchors on each side of the grid; at most one a position.
        cross_view_anchors: The same for the grid of the cross-view term.
        temporal_weight: Weight of the loss over time.
        cross_view_weight: Weight of the cross-view term.
        projection_channels: See :class:`CorrespondenceLoss`; the official code matches a projection of 64 channels.
        schedule: See :class:`CorrespondenceLoss`.
        gather_ranks: In distributed training, use the anchors of all processes, so that any number of processes
            computes what one does with the same global batch. The official code uses each process's own.
        ignore_uncovered: Leave out the positions of the second view that the first does not show. With False they
            count, matched to zeros, as in the official code: over time they then cost the constant log A and teach
            nothing, and across views they pull the features of padding to zero. Views that only zoom into the first,
            as the official ones, have none.
    """

    def __init__(self,
                 spec: FeatureSpec,
                 anchors: int = 8,
                 cross_view_anchors: int = 4,
                 temporal_weight: float = 0.20,
                 cross_view_weight: float = 0.04,
                 projection_channels: Optional[int] = None,
                 schedule: Optional[dict] = None,
                 gather_ranks: bool = True,
                 ignore_uncovered: bool = True) -> None:
        super().__init__(spec, projection_channels, schedule)
        self.anchors = anchors
        self.cross_view_anchors = cross_view_anchors
        self.temporal_weight = temporal_weight
        self.cross_view_weight = cross_view_weight
        self.gather_ranks = gather_ranks
        self.ignore_uncovered = ignore_uncovered

    def forward(self, views: ClipViews, data_samples: List[VOSDataSample], iteration: int) -> Dict[str, Tensor]:
        """See :meth:`CorrespondenceLoss.forward`; the losses are ``loss_pixel_temporal`` and
        ``loss_pixel_cross_view``.
        """
        first = self.keys(views.first, data_samples, iteration)
        second_start = self.keys(views.second_start, data_samples, iteration)[:, 0]
        with torch.no_grad():
            second_rest = self.keys(views.second_rest, data_samples, iteration)
        generators = clip_generators(len(first), 'pixel correspondence')
        anchors = jittered_grid(generators, first.shape[-2:], self.anchors).to(first.device)
        pairs = jittered_grid(generators, first.shape[-2:], self.cross_view_anchors).to(first.device)

        aligned, covered = align(first, views.matrices)
        scoring = self.scoring(views.first)
        temporal = self.temporal_loss(
            sample(first[:, 0], anchors), aligned[:, 1:], covered[:, 1:], second_rest, scoring)
        cross_view = self.cross_view_loss(
            sample(aligned[:, 0], pairs), sample(second_start, pairs), covered[:, 0].gather(1, pairs), scoring)
        factor = self.factor(iteration)
        return dict(
            loss_pixel_temporal=self.temporal_weight * factor * temporal,
            loss_pixel_cross_view=self.cross_view_weight * factor * cross_view)

    def temporal_loss(self, anchors: Tensor, aligned: Tensor, covered: Tensor, second: Tensor,
                      scoring: Scoring = squared_distance_scores) -> Tensor:
        """Cross entropy of the first view with the labels of the second.

        Args:
            anchors: Anchors of each clip, [B, K, C].
            aligned: Later frames of the first view, aligned with the second, [B, T - 1, C, h, w].
            covered: Which of their positions the first view shows, bool [B, T - 1, P].
            second: Later frames of the second view, [B, T - 1, C, h, w].
            scoring: See :meth:`CorrespondenceLoss.scoring`.

        Returns:
            Mean over the positions.
        """
        labels = pseudo_labels(second, anchors, scoring) + self._own_columns(anchors)[:, :1, None]
        scores = anchor_scores(aligned, self._gather(anchors).flatten(0, 1), scoring)
        if not self.ignore_uncovered:
            scores = scores * covered[..., None]  # Equal scores: what warping them with zeros gives.
        return self._mean(matching_errors(scores, labels), covered)

    def cross_view_loss(self, first: Tensor, second: Tensor, covered: Tensor,
                        scoring: Scoring = squared_distance_scores) -> Tensor:
        """Cross entropy of matching aligned positions of frame 0 between the two views.

        Args:
            first: Features of the first view, [B, K, C].
            second: Features of the second view at the same places, [B, K, C].
            covered: Which of the places the first view shows, bool [B, K].
            scoring: See :meth:`CorrespondenceLoss.scoring`.

        Returns:
            Mean over the places.
        """
        candidates = self._gather(second).flatten(0, 1)
        scores = scoring(candidates.T[None], first.flatten(0, 1).T[None])[0]
        if self.ignore_uncovered:
            hidden = ~self._gather(covered).flatten()
            scores = scores.masked_fill(hidden, torch.finfo(scores.dtype).min)
        return self._mean(matching_errors(scores, self._own_columns(first).flatten()), covered.flatten())

    def _gather(self, tensor: Tensor) -> Tensor:
        return gather_clips(tensor) if self.gather_ranks else tensor

    def _own_columns(self, anchors: Tensor) -> Tensor:
        """Where the anchors [B, K, C] of this process's clips stand among all anchors, [B, K]."""
        start = get_rank() * anchors[..., 0].numel() if self.gather_ranks else 0
        return torch.arange(start, start + anchors[..., 0].numel(), device=anchors.device).view(anchors.shape[:2])

    def _mean(self, errors: Tensor, covered: Tensor) -> Tensor:
        """Mean over what counts, each process's share weighted by how much of that it has."""
        counted = covered.to(errors.dtype) if self.ignore_uncovered else torch.ones_like(errors)
        number = counted.sum()
        if self.gather_ranks:
            all_reduce(number, op='mean')
        return (errors * counted).sum() / number.clamp(min=1)


def jittered_grid(generators: Sequence[np.random.Generator], size: Sequence[int], per_side: int) -> Tensor:
    """Regular grids of positions, each moved at random as a whole.

    Args:
        generators: One for each clip.
        size: (h, w) of the map.
        per_side: Positions in a row and in a column, or as many as the map has if that is fewer.

    Returns:
        Flat positions y * w + x, row by row, int64 [B, K].
    """
    def along(generator: np.random.Generator, side: int) -> np.ndarray:
        number = min(per_side, side)
        return ((np.arange(number) + generator.random()) * side / number).astype(np.int64)

    height, width = size
    return torch.from_numpy(np.stack(
        [(along(generator, height)[:, None] * width + along(generator, width)).ravel() for generator in generators]))


def sample(maps: Tensor, positions: Tensor) -> Tensor:
    """Features of maps [B, C, h, w] at flat positions [B, K]: [B, K, C]."""
    return maps.flatten(2).transpose(1, 2).gather(1, positions[:, :, None].expand(-1, -1, maps.shape[1]))


def align(keys: Tensor, matrices: Tensor) -> Tuple[Tensor, Tensor]:
    """Bring the first view's features to the places of the second view's, by the nearest position.

    Args:
        keys: [B, T, C, h, w].
        matrices: From coordinates of the second view to those of the first, [B, T, 2, 3].

    Returns:
        The features, zero where there are none, [B, T, C, h, w], and where there are some, bool [B, T, P].
    """
    matrices = matrices.flatten(0, 1)
    aligned = warp(keys.flatten(0, 1), matrices, mode='nearest').view_as(keys)
    covered = warp(keys.new_ones(len(matrices), 1, *keys.shape[-2:]), matrices, mode='nearest') > 0
    return aligned, covered.view(*keys.shape[:2], -1)


@torch.no_grad()
def pseudo_labels(second: Tensor, anchors: Tensor, scoring: Scoring = squared_distance_scores) -> Tensor:
    """The best anchor of the own clip.

    Args:
        second: Features of the second view, [B, T, C, h, w].
        anchors: [B, K, C].
        scoring: See :meth:`CorrespondenceLoss.scoring`.

    Returns:
        Anchor numbers 0..K-1, int64 [B, T, P].
    """
    scores = scoring(anchors.transpose(1, 2), second.transpose(1, 2).flatten(2))
    return scores.argmax(2).unflatten(1, (second.shape[1], -1))


def anchor_scores(keys: Tensor, anchors: Tensor, scoring: Scoring = squared_distance_scores) -> Tensor:
    """Scores of every position of [B, T, C, h, w] with every one of the anchors [A, C]: [B, T, P, A]."""
    queries = keys.flatten(0, 1).flatten(2)
    scores = scoring(anchors.T.expand(len(queries), -1, -1), queries)
    return scores.unflatten(0, keys.shape[:2])


def matching_errors(scores: Tensor, labels: Tensor) -> Tensor:
    """Negative log probability of the right column under the softmax of each row.

    Args:
        scores: [..., A].
        labels: The right columns, int64 [...].

    Returns:
        [...], at most 18.4: as in the official code, 1e-8 is added to the probability.
    """
    prob = scores.softmax(-1).gather(-1, labels[..., None])[..., 0]
    return -(prob + 1e-8).log()
