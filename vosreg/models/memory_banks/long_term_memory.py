"""The memory of XMem: bounded however long the video is."""
from typing import List, Sequence, Tuple

import torch
from torch import Tensor

from vosreg.ops import similarity, topk_softmax
from vosreg.registry import MEMORY_BANKS
from vosreg.structures import FrameFeatures

from .growing_rows import channels_first
from .object_group import ObjectGroup
from .stream_memory import StreamMemory

# What an element that was never read has lived, so that its usage is 0.
INITIAL_LIFE = 1e-7


@MEMORY_BANKS.register_module()
class LongTermMemory(StreamMemory):
    """Working and long-term memory of XMem at inference (Cheng and Schwing, ECCV 2022, sec. 3.3), for one video.

    Frames enter the working memory. When it is full, its older frames are consolidated: the elements that were read
    most become prototypes of the long-term memory, whose values sum up the elements near them (by distance, also where
    keys are compared by dot product), and the frames are forgotten. When the long-term memory is full, its least read
    elements make room. Permanent frames, whose masks were given, stay, so memory is bounded by the settings and by what
    is annotated.

    Usage is what an element was read on average a frame, over all queries and the mean of the objects. Objects that
    enter later see the prototypes of their own time only: the elements of earlier frames are hidden from them.

    Args:
        top_k: Number of memory elements that a query location reads.
        max_working_frames: Consolidate when there are this many frames; all permanent ones count as one.
        min_working_frames: Frames that a consolidation leaves; all permanent ones count as one.
        num_prototypes: Elements that a consolidation adds to the long-term memory.
        max_long_term_elements: Most elements of the long-term memory.
        max_scores: See :class:`StreamMemory`.

    Raises:
        ValueError: The long-term memory cannot hold the prototypes of one consolidation, or a consolidation would
            leave no frame or consolidate none.
    """

    def __init__(self,
                 top_k: int = 30,
                 max_working_frames: int = 10,
                 min_working_frames: int = 5,
                 num_prototypes: int = 128,
                 max_long_term_elements: int = 10000,
                 max_scores: int = 2**22) -> None:
        if not 1 <= num_prototypes <= max_long_term_elements:
            raise ValueError(f'a long-term memory of max_long_term_elements={max_long_term_elements} cannot hold the '
                             f'num_prototypes={num_prototypes} of one consolidation')
        if not 2 <= min_working_frames < max_working_frames:
            raise ValueError('a working memory needs 2 <= min_working_frames < max_working_frames, not '
                             f'{min_working_frames} and {max_working_frames}')
        super().__init__(top_k, max_scores)
        self.max_working_frames = max_working_frames
        self.min_working_frames = min_working_frames
        self.num_prototypes = num_prototypes
        self.max_long_term_elements = max_long_term_elements

    def reset(self) -> None:
        """Forget everything."""
        super().reset()
        self.working_frames: List[int] = []

    @property
    def usage(self) -> Tensor:
        """What each element was read on average a frame since it was written, [M]."""
        return (self.elements['use'] / self.elements['life'])[:, 0]

    @property
    def is_prototype(self) -> Tensor:
        """Which elements are of the long-term memory, bool [M]."""
        return self.elements['is_prototype'][:, 0]

    def write(self,
              features: FrameFeatures,
              value: Tensor,
              frame_index: int,
              permanent: bool = False,
              temporary: bool = False) -> None:
        """Remember a frame, and consolidate if that makes too many; see :meth:`StreamMemory.write`.

        Args:
            features: Features of one frame.
            value: [1, N, Cv, h, w].
            frame_index: Which frame of the video it is.
            permanent: Keep the frame for good.
            temporary: Keep the frame until the next write only.
        """
        super().write(features, value, frame_index, permanent, temporary)
        if not permanent and not temporary:
            self.working_frames.append(frame_index)
        if len(self.working_frames) + 1 >= self.max_working_frames:
            self.consolidate(len(self.working_frames) + 1 - self.min_working_frames)

    def read(self, features: FrameFeatures) -> Tensor:
        """Read the memory with the key of a query frame, and count what is read; see :meth:`StreamMemory.read`."""
        self.elements['life'].add_(1)
        return super().read(features)

    def consolidate(self, num_frames: int) -> None:
        """Move the oldest frames of the working memory, but for permanent ones, to the long-term memory.

        Args:
            num_frames: How many frames.
        """
        consolidated, self.working_frames = self.working_frames[:num_frames], self.working_frames[num_frames:]
        frames = self.elements['place'][:, 0]
        is_candidate = torch.isin(frames, frames.new_tensor(consolidated)) & ~self.is_prototype
        prototypes, values = self._summarize(is_candidate.nonzero()[:, 0])
        kept = (~is_candidate & ~self._is_evicted()).nonzero()[:, 0]

        self._keep(kept)
        self.elements.append(**prototypes)
        frames = self.elements['place'][:, 0]
        for group, value in zip(self.groups, values):
            group.values.append(value)
            group.hidden = (frames[group.start:] < group.first_frame).nonzero()[:, 0]

    def remove_objects(self, positions: Sequence[int]) -> None:
        """See :meth:`StreamMemory.remove_objects`."""
        super().remove_objects(positions)
        left = set(self.elements['place'][:, 0].tolist()) if self.groups else ()
        self.working_frames = [frame for frame in self.working_frames if frame in left]

    def settings(self) -> dict:
        """See :meth:`StreamMemory.settings`."""
        return dict(
            super().settings(),
            max_working_frames=self.max_working_frames,
            min_working_frames=self.min_working_frames,
            num_prototypes=self.num_prototypes,
            max_long_term_elements=self.max_long_term_elements)

    def state_dict(self) -> dict:
        """See :meth:`StreamMemory.state_dict`."""
        return dict(super().state_dict(), working_frames=list(self.working_frames))

    def load_state_dict(self, state: dict) -> None:
        """See :meth:`StreamMemory.load_state_dict`."""
        super().load_state_dict(state)
        self.working_frames = list(state['working_frames'])

    def _summarize(self, candidates: Tensor) -> Tuple[dict, List[Tensor]]:
        """Choose the most read candidates as prototypes, and give each what the candidates like it hold.

        Args:
            candidates: Their rows, int64 [n].

        Returns:
            The columns of the P prototypes, and their values in each group, [P, objects * Cv].
        """
        chosen = self.usage[candidates].topk(min(self.num_prototypes, len(candidates))).indices
        elements, prototypes = self.elements.select(candidates), self.elements.select(candidates[chosen])
        scores = similarity(
            *map(channels_first, (elements['key'], prototypes['key'], elements.get('shrinkage'),
                                  prototypes.get('selection'))))[0]
        if 'shrinkage' in elements:
            prototypes['shrinkage'] = scores.softmax(-1) @ elements['shrinkage'].float()
        prototypes['use'].zero_()
        prototypes['life'].fill_(INITIAL_LIFE)
        prototypes['is_prototype'].fill_(True)
        return prototypes, [_summarize_values(group, candidates, scores) for group in self.groups]

    def _is_evicted(self) -> Tensor:
        """Which elements leave the long-term memory so that one consolidation fits in, bool [M]."""
        is_prototype, usage = self.is_prototype, self.usage
        surplus = int(is_prototype.sum()) - (self.max_long_term_elements - self.num_prototypes)
        if surplus <= 0:
            return torch.zeros_like(is_prototype)
        # As in the official code, whatever is read as little as the last one to go goes too.
        return is_prototype & (usage <= usage[is_prototype].kthvalue(surplus).values)

    def _describe(self, features: FrameFeatures, frame_index: int) -> dict:
        columns = super()._describe(features, frame_index)
        zeros = torch.zeros_like(columns['key'][:, :1], dtype=torch.float32)
        return dict(
            columns,
            selection=None if features.selection is None else features.selection[0].flatten(1).T,
            use=zeros,
            life=zeros + INITIAL_LIFE,
            is_prototype=zeros.bool())

    def _frames(self) -> Tensor:
        return torch.where(self.is_prototype, -1, super()._frames())

    def _best_matches(self, group: ObjectGroup, scores: Tensor) -> Tuple[Tensor, Tensor]:
        scores = scores[:, group.start:]
        if group.hidden is not None and len(group.hidden):
            scores = scores.index_fill(1, group.hidden, float('-inf'))
        return topk_softmax(scores, self.top_k)

    def _read_group(self, group: ObjectGroup, scores: Tensor) -> Tensor:
        weights, rows = self._best_matches(group, scores)
        share = group.num_objects / self.num_objects
        self.elements['use'][group.start:, 0].index_add_(0, rows.flatten(), weights.flatten(), alpha=share)
        return group.read(weights, rows)


def _summarize_values(group: ObjectGroup, candidates: Tensor, scores: Tensor) -> Tensor:
    """Affinity-weighted sums of a group's values over the candidates that it has.

    Args:
        group: The group.
        candidates: Rows of the shared elements, int64 [n], ascending.
        scores: Similarity of the prototypes to the candidates, [P, n].

    Returns:
        [P, objects * Cv]; zeros if all candidates are older than the group.
    """
    values = group.values.rows
    is_own = candidates >= group.start
    # Zeros elsewhere spare a copy of the values.
    affinity = values.new_zeros(len(scores), len(values))
    if is_own.any():
        affinity[:, candidates[is_own] - group.start] = scores[:, is_own].softmax(-1).to(values.dtype)
    return affinity @ values
