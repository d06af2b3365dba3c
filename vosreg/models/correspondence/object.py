"""Object-level correspondence: which region of another frame is this object, and not another object or video's?

Letters: B clips, T frames, C channels, h x w map, R regions of this process, A regions of all processes.
"""
from itertools import combinations
from typing import Dict, List, Optional, Tuple

import numpy as np
import torch
import torch.nn.functional as F
from mmengine.dist import all_reduce, get_rank, get_world_size
from scipy.optimize import linear_sum_assignment
from torch import Tensor

from vosreg.registry import MODELS
from vosreg.structures import ClipViews, FeatureSpec, VOSDataSample

from .correspondence_loss import CorrespondenceLoss
from .gathering import gather_ragged
from .regions import Regions, find_regions


@MODELS.register_module()
class ObjectCorrespondence(CorrespondenceLoss):
    r"""The object-level loss that Zhang et al. describe (CVPR 2023, arXiv 2304.06211), of which they released no code.

    A region, annotated or discovered without labels, is described by its mean feature, scaled to length 1 so that
    similarity is the cosine (see :func:`~vosreg.models.correspondence.regions.find_regions`). The same object in two
    frames of a clip makes a positive pair: by its id where annotated, by the best one-to-one matching of the
    descriptors of two frames where discovered. With the temperature :math:`\tau` the loss is the mean over the pairs,
    in both directions, of

    .. math:: -\log \frac{e^{s(r, p) / \tau}}{e^{s(r, p) / \tau} + \sum_n e^{s(r, n) / \tau}}

    where the negatives n of r are the regions of its clip that do not pair with it and all regions of the other clips.
    Regions of another clip of the same video are neither. A batch without pairs has loss 0.

    Args:
        spec: Features that the key encoder makes.
        weight: Weight of the loss.
        temperature: :math:`\tau`.
        annotated: Use the objects of ``masks``.
        discovered: Use the regions of ``proposals``, where a clip has some.
        min_similarity: Least cosine similarity of a pair of discovered regions.
        batch_negatives: Use regions of other clips as negatives, not only those of the own clip.
        gather_ranks: In distributed training, the other clips are those of all processes.
        projection_channels: See :class:`CorrespondenceLoss`.
        schedule: See :class:`CorrespondenceLoss`.

    Raises:
        ValueError: Neither annotated nor discovered regions are to be used, or the temperature is not positive.
    """
    uses_second_view = False

    def __init__(self,
                 spec: FeatureSpec,
                 weight: float = 0.1,
                 temperature: float = 0.1,
                 annotated: bool = True,
                 discovered: bool = True,
                 min_similarity: float = 0.5,
                 batch_negatives: bool = True,
                 gather_ranks: bool = True,
                 projection_channels: Optional[int] = None,
                 schedule: Optional[dict] = None) -> None:
        super().__init__(spec, projection_channels, schedule)
        if not (annotated or discovered):
            raise ValueError('ObjectCorrespondence needs regions: set annotated=True, discovered=True or both')
        if temperature <= 0:
            raise ValueError(f'the temperature is a positive number, not {temperature}')
        self.weight = weight
        self.temperature = temperature
        self.sources = ['masks'] * annotated + ['proposals'] * discovered
        self.min_similarity = min_similarity
        self.batch_negatives = batch_negatives
        self.gather_ranks = gather_ranks

    def forward(self, views: ClipViews, data_samples: List[VOSDataSample], iteration: int) -> Dict[str, Tensor]:
        """See :meth:`CorrespondenceLoss.forward`; the loss is ``loss_object``."""
        keys = self.keys(views.first, data_samples, iteration)
        with torch.autocast(keys.device.type, enabled=False):
            regions = find_regions(keys, data_samples, self.sources)
            errors = self.pair_errors(regions, positive_pairs(regions, self.min_similarity))
        return dict(loss_object=self.weight * self.factor(iteration) * self._mean(errors))

    def pair_errors(self, regions: Regions, positive: Tensor) -> Tensor:
        """The InfoNCE terms.

        Args:
            regions: R regions.
            positive: Which of them are the same object, bool [R, R].

        Returns:
            One term for each True of ``positive``, row by row.
        """
        origin = torch.stack([regions.clip, regions.video], dim=1)
        candidates, origins = regions.descriptors, origin
        if self.gather_ranks:
            candidates, origins = gather_ragged(candidates), gather_ragged(origin, padding=-1)
        first = get_rank() * (len(origins) // get_world_size()) if self.gather_ranks else 0

        scores = regions.descriptors @ candidates.T / self.temperature
        same_clip, same_video = (origin[:, None] == origins).unbind(2)
        negative = same_clip
        if self.batch_negatives:
            negative = same_clip | (~same_video & (origins[:, 0] >= 0))
        itself = torch.eye(len(regions), dtype=torch.bool, device=positive.device)
        own = (slice(None), slice(first, first + len(regions)))
        negative[own] &= ~(positive | itself)
        # A finite least score, because the gradient of a sum over nothing but infinities is NaN.
        against = scores.masked_fill(~negative, torch.finfo(scores.dtype).min).logsumexp(1)
        row, column = positive.nonzero(as_tuple=True)
        return F.softplus(against[row] - scores[own][row, column])

    def _mean(self, errors: Tensor) -> Tensor:
        """Mean over the pairs, each process's share weighted by how many it has; 0 with a gradient if there are none.
        """
        number = errors.new_tensor(float(len(errors)))
        if self.gather_ranks:
            all_reduce(number, op='mean')
        return errors.sum() / torch.where(number > 0, number, 1)


@torch.no_grad()
def positive_pairs(regions: Regions, min_similarity: float) -> Tensor:
    """Which regions are the same object in another frame.

    Args:
        regions: R regions.
        min_similarity: Least cosine similarity of a pair of discovered regions.

    Returns:
        Symmetric, bool [R, R].
    """
    def same(attribute: Tensor) -> Tensor:
        return attribute[:, None] == attribute

    annotated = ~regions.discovered
    positive = same(regions.clip) & same(regions.number) & ~same(regions.frame) & annotated[:, None] & annotated
    # The matching runs on the CPU: what it needs comes at once, and its pairs go back at once.
    similarity = (regions.descriptors @ regions.descriptors.T).cpu().numpy()
    clips, frames = regions.clip.tolist(), regions.frame.tolist()
    discovered: Dict[Tuple[int, int], List[int]] = {}
    for index in regions.discovered.nonzero()[:, 0].tolist():
        discovered.setdefault((clips[index], frames[index]), []).append(index)
    matched = np.zeros(similarity.shape, bool)
    for ((clip, _), rows), ((other_clip, _), columns) in combinations(discovered.items(), 2):
        if clip == other_clip:
            left, right = match_one_to_one(similarity[np.ix_(rows, columns)], min_similarity)
            matched[np.array(rows)[left], np.array(columns)[right]] = True
    return positive | torch.from_numpy(matched | matched.T).to(positive.device)


def match_one_to_one(similarity: np.ndarray, min_similarity: float) -> Tuple[np.ndarray, np.ndarray]:
    """The bipartite matching with the largest sum of similarities, less the pairs that are not similar enough.

    Args:
        similarity: [M, N].
        min_similarity: Least similarity of a pair.

    Returns:
        The rows and the columns of the pairs.
    """
    rows, columns = linear_sum_assignment(similarity, maximize=True)
    similar = similarity[rows, columns] >= min_similarity
    return rows[similar], columns[similar]
