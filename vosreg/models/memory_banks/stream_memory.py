"""The memory of a running video: grows frame by frame, read sparsely."""
from typing import Iterator, List, Optional, Sequence, Tuple

import torch
from torch import Tensor

from vosreg.ops import memory_terms, query_blocks, query_terms, topk_softmax
from vosreg.registry import MEMORY_BANKS
from vosreg.structures import FrameFeatures

from .growing_rows import GrowingTable, channels_first
from .object_group import ObjectGroup


@MEMORY_BANKS.register_module()
class StreamMemory:
    """The memory of STCN at inference (Cheng et al., NeurIPS 2021), for one video.

    Keys and values are written once, as rows into storage that grows by doubling. Each query keeps its ``top_k`` best
    matches; reading touches these rows only. Keys are shared by all objects. An object that enters later sees the
    memory from its first frame on: the objects that enter together form a group with its own first row.

    Args:
        top_k: Number of memory locations that a query location reads.
        max_scores: Bound on the number of affinity scores held at a time: 16 MB at the default in float32, since Linux
            clears blocks above 32 MB anew each time.

    Raises:
        ValueError: ``top_k`` is less than 1.

    Attributes:
        elements: What is shared by the objects, one row a location: ``key``, ``shrinkage`` (if the features have it)
            and ``place``, the index of its frame and y * w + x in it.
        groups: The objects, in the order in which they entered.
        sensory: Sensory state of the objects, [1, N, Cs, h, w]; None for a model without one.
    """

    def __init__(self, top_k: int = 20, max_scores: int = 2**22) -> None:
        if top_k < 1:
            raise ValueError(f'a location reads top_k >= 1 locations of the memory, not {top_k}')
        self.top_k = top_k
        self.max_scores = max_scores
        self.reset()

    def reset(self) -> None:
        """Forget everything."""
        self.elements = GrowingTable()
        self.groups: List[ObjectGroup] = []
        self.sensory: Optional[Tensor] = None
        self._temporary_rows = 0

    @property
    def num_objects(self) -> int:
        """Number of objects in memory."""
        return sum(group.num_objects for group in self.groups)

    def write(self,
              features: FrameFeatures,
              value: Tensor,
              frame_index: int,
              permanent: bool = False,
              temporary: bool = False) -> None:
        """Remember a frame.

        Args:
            features: Features of one frame; the key is [1, Ck, h, w].
            value: [1, N, Cv, h, w]. The objects already known come first and in the same order; further ones enter
                with this frame.
            frame_index: Which frame of the video it is.
            permanent: Keep the frame for good. Here every frame is kept that is not temporary.
            temporary: Keep the frame until the next write only.

        Raises:
            ValueError: There are fewer objects than before.
        """
        self._drop_temporary_frame()
        num_new = value.shape[1] - self.num_objects
        if num_new < 0:
            raise ValueError(f'the memory holds {self.num_objects} objects, but got values of {value.shape[1]}')
        if num_new:
            self.groups.append(ObjectGroup(len(self.elements), frame_index, num_new))
        self.elements.append(**self._describe(features, frame_index))
        for group, group_value in zip(self.groups, value[0].split([g.num_objects for g in self.groups])):
            group.append(group_value)
        self._temporary_rows = features.key[0, 0].numel() if temporary else 0

    def read(self, features: FrameFeatures) -> Tensor:
        """Read the memory with the key of a query frame.

        Args:
            features: Features of one frame; the key is [1, Ck, h, w].

        Returns:
            The readout [1, N, Cv, h, w].
        """
        blocks = [torch.cat([self._read_group(group, scores) for group in self.groups])
                  for scores in self._score_blocks(features)]
        return torch.cat(blocks, dim=2).unflatten(2, features.key.shape[-2:])[None]

    def match(self, features: FrameFeatures) -> Tuple[Tensor, Tensor, Tensor]:
        """Which memory locations the objects known for longest are read from, and how much.

        Args:
            features: Features of one frame; the key is [1, Ck, h, w].

        Returns:
            Weights, index of the memory frame and location y * w + x in it, each [h * w, k], the best match first.
        """
        blocks = [self._best_matches(self.groups[0], scores) for scores in self._score_blocks(features)]
        weights, rows = (torch.cat(part) for part in zip(*blocks))
        rows = rows + self.groups[0].start
        return weights, self._frames()[rows], self.elements['place'][:, 1][rows]

    def remove_objects(self, positions: Sequence[int]) -> None:
        """Forget some of the objects, and what was remembered before any of the others entered.

        Args:
            positions: Their positions among the N objects.
        """
        if self.sensory is not None:
            kept = [i for i in range(self.sensory.shape[1]) if i not in positions]
            self.sensory = self.sensory[:, kept]
        offset = 0
        for group in self.groups:
            own = [i - offset for i in positions if offset <= i < offset + group.num_objects]
            offset += group.num_objects
            if own:
                group.remove_objects(own)
        self.groups = [group for group in self.groups if group.num_objects]
        if not self.groups:
            self.reset()
        elif self.groups[0].start:
            self._keep(torch.arange(self.groups[0].start, len(self.elements), device=self.elements['key'].device))

    def settings(self) -> dict:
        """What decides what is remembered and read, as numbers and strings."""
        return dict(type=type(self).__name__, top_k=self.top_k)

    def state_dict(self) -> dict:
        """All that is remembered, as tensors, numbers, lists and dicts."""
        return dict(
            elements=self.elements.state_dict(),
            groups=[group.state_dict() for group in self.groups],
            sensory=self.sensory,
            temporary_rows=self._temporary_rows)

    def load_state_dict(self, state: dict) -> None:
        """Remember what another memory with the same settings did.

        Args:
            state: Result of its :meth:`state_dict`.
        """
        self.reset()
        self.elements.load_state_dict(state['elements'])
        self.groups = [ObjectGroup.from_state_dict(group) for group in state['groups']]
        self.sensory = state['sensory']
        self._temporary_rows = state['temporary_rows']

    def _describe(self, features: FrameFeatures, frame_index: int) -> dict:
        """The columns of a frame's elements."""
        key = features.key[0].flatten(1).T
        locations = torch.arange(len(key), device=key.device)
        return dict(
            key=key,
            shrinkage=None if features.shrinkage is None else features.shrinkage[0].flatten(1).T,
            place=torch.stack([torch.full_like(locations, frame_index), locations], dim=1))

    def _frames(self) -> Tensor:
        """Index of the frame that each element is shown to be of, int64 [M]."""
        return self.elements['place'][:, 0]

    def _score_blocks(self, features: FrameFeatures) -> Iterator[Tensor]:
        """Similarity of blocks of queries to all elements, each [block, M]."""
        memory_key, shrinkage = map(channels_first, (self.elements['key'], self.elements.get('shrinkage')))
        selection = None if features.selection is None else features.selection.flatten(2)
        memory = memory_terms(memory_key, shrinkage, selection is not None, features.dot_product)[0]
        queries = query_terms(features.key.flatten(2), selection, features.dot_product)[0].T
        for block in query_blocks(len(queries), memory.shape[1], self.max_scores):
            with torch.autocast(memory.device.type, enabled=False):
                scores = queries[block] @ memory
            yield scores

    def _best_matches(self, group: ObjectGroup, scores: Tensor) -> Tuple[Tensor, Tensor]:
        """Scores of a block of queries [block, M] -> weights and rows of the group, [block, k]."""
        return topk_softmax(scores[:, group.start:], self.top_k)

    def _keep(self, indices: Tensor) -> None:
        """Remove all elements but some, by their rows, ascending, int64 [n]."""
        self.elements.keep(indices)
        for group in self.groups:
            group.keep(indices)

    def _read_group(self, group: ObjectGroup, scores: Tensor) -> Tensor:
        """Scores of a block of queries [block, M] -> readout of the group's objects [n, Cv, block]."""
        return group.read(*self._best_matches(group, scores))

    def _drop_temporary_frame(self) -> None:
        if self._temporary_rows:
            self.elements.drop_last(self._temporary_rows)
            for group in self.groups:
                group.values.drop_last(self._temporary_rows)
            self._temporary_rows = 0
