"""The memory of a running video: grows frame by frame, read sparsely."""
from typing import List, Tuple

import torch
from torch import Tensor

from vosreg.ops import query_blocks, similarity, sparse_readout, topk_softmax
from vosreg.registry import MEMORY_BANKS
from vosreg.structures import FrameFeatures

from .growing_rows import GrowingRows


class ObjectGroup:
    """Objects that entered in the same frame, and so remember the same frames.

    Attributes:
        start: Row of the shared keys at which the memory of these objects begins.
        num_objects: Number of objects n.
        values: One row a location, [rows, n * Cv].
    """

    def __init__(self, start: int, num_objects: int) -> None:
        self.start = start
        self.num_objects = num_objects
        self.values = GrowingRows()


@MEMORY_BANKS.register_module()
class StreamMemory:
    """The memory of STCN at inference (Cheng et al., NeurIPS 2021), for one video.

    Keys and values are written once, as rows into storage that grows by doubling. Each query keeps its ``top_k`` best
    matches; reading touches these rows only. Keys are shared by all objects. An object that enters later sees the
    memory from its first frame on: the objects that enter together form a group with its own first row.

    Args:
        top_k: Number of memory locations that a query location reads.
        max_scores: Bound on the number of affinity scores held at a time (64 MB at the default in float32).
    """

    def __init__(self, top_k: int = 20, max_scores: int = 2**24) -> None:
        self.top_k = top_k
        self.max_scores = max_scores
        self.reset()

    def reset(self) -> None:
        """Forget everything."""
        self.keys = GrowingRows()
        self.groups: List[ObjectGroup] = []
        self.frames: List[int] = []
        self._temporary_rows = 0

    @property
    def num_objects(self) -> int:
        """Number of objects in memory."""
        return sum(group.num_objects for group in self.groups)

    def write(self, features: FrameFeatures, value: Tensor, frame_index: int, permanent: bool = True) -> None:
        """Remember a frame. A temporary frame lasts until the next write.

        Args:
            features: Features of one frame; the key is [1, Ck, h, w].
            value: [1, N, Cv, h, w]. The objects already known come first and in the same order; further ones enter
                with this frame.
            frame_index: Which frame of the video it is.
            permanent: Keep the frame for good.

        Raises:
            ValueError: There are fewer objects than before.
        """
        self._drop_temporary_frame()
        num_new = value.shape[1] - self.num_objects
        if num_new < 0:
            raise ValueError(f'the memory holds {self.num_objects} objects, but got values of {value.shape[1]}')
        if num_new:
            self.groups.append(ObjectGroup(len(self.keys), num_new))
        rows = features.key[0].flatten(1).T
        self.keys.append(rows)
        self.frames.append(frame_index)
        for group, group_value in zip(self.groups, value[0].split([g.num_objects for g in self.groups])):
            group.values.append(group_value.flatten(2).flatten(0, 1).T)
        self._temporary_rows = 0 if permanent else len(rows)

    def read(self, features: FrameFeatures) -> Tensor:
        """Read the memory with the key of a query frame.

        Args:
            features: Features of one frame; the key is [1, Ck, h, w].

        Returns:
            The readout [1, N, Cv, h, w].
        """
        memory_key = self.keys.rows.T[None]
        query_key = features.key.flatten(2)
        blocks = []
        for block in query_blocks(query_key.shape[2], memory_key.shape[2], self.max_scores):
            scores = similarity(memory_key, query_key[:, :, block])[0]
            blocks.append(torch.cat([self._read_group(group, scores) for group in self.groups]))
        return torch.cat(blocks, dim=2).unflatten(2, features.key.shape[-2:])[None]

    def match(self, features: FrameFeatures) -> Tuple[Tensor, Tensor, Tensor]:
        """Which memory locations the objects known from the start are read from, and how much.

        Args:
            features: Features of one frame; the key is [1, Ck, h, w].

        Returns:
            Weights, index of the memory frame and location y * w + x in it, each [h * w, k], the best match first.
        """
        memory_key, query_key = self.keys.rows.T[None], features.key.flatten(2)
        blocks = [topk_softmax(similarity(memory_key, query_key[:, :, block])[0], self.top_k)
                  for block in query_blocks(query_key.shape[2], memory_key.shape[2], self.max_scores)]
        weights, rows = (torch.cat(part) for part in zip(*blocks))
        frames = torch.tensor(self.frames, device=rows.device)
        return weights, frames[rows // query_key.shape[2]], rows % query_key.shape[2]

    def _read_group(self, group: ObjectGroup, scores: Tensor) -> Tensor:
        """Scores of a block of queries [block, M] -> readout of the group's objects [n, Cv, block]."""
        weights, indices = topk_softmax(scores[:, group.start:], self.top_k)
        rows = sparse_readout(weights, indices, group.values.rows)
        return rows.T.unflatten(0, (group.num_objects, -1))

    def _drop_temporary_frame(self) -> None:
        if self._temporary_rows:
            self.keys.drop_last(self._temporary_rows)
            self.frames.pop()
            for group in self.groups:
                group.values.drop_last(self._temporary_rows)
