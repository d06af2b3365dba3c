"""XMem as its authors' evaluation computes it: the reference of the benchmarks of inference.

The network is that of vosreg with the same weights, run as benchmarks/plain_stcn.py runs STCN's. Long-term and working
memory are concatenated anew for every frame, the similarity of all queries takes two products and several passes over
the scores, its top-k softmax is a dense matrix, which is multiplied with all values and summed up for the usage, and a
consolidation cuts the working memory and puts it together again. As in the authors' code, all objects go through the
value encoder, the head and the updates of the sensory state together.
"""
import math
from typing import Optional

import torch
from plain_stcn import Elements, PlainSTCN, append, dense_affinity, join
from torch import Tensor

from vosreg.models import MatchingVOS
from vosreg.registry import MEMORY_BANKS
from vosreg.structures import FrameFeatures

# What an element that was never read has lived, so that its usage is 0.
INITIAL_LIFE = 1e-7


class PlainXMem(PlainSTCN):
    """One running video, whose objects are all given in its first frame.

    Args:
        model: An XMem of vosreg with a long-term memory.
        one_by_one: Decode object by object, which the authors' evaluation never does.

    Attributes:
        memory: The working memory, [..., M]: ``key``, ``shrinkage``, ``selection``, ``value``, how much each element
            was read in all (``use``) and in how many frames it could be (``life``).
        long_term: The long-term memory: the same but for the selection. Empty before the first consolidation.
        sensory: Sensory state of the objects, [N, Cs, h, w].
    """

    def __init__(self, model: MatchingVOS, one_by_one: bool = False) -> None:
        super().__init__(model, one_by_one)
        self.settings = MEMORY_BANKS.build(model.test_memory)
        self.long_term: Elements = {}
        self.sensory: Optional[Tensor] = None

    def read(self, features: FrameFeatures) -> Tensor:
        """The readout [N, Cv, h, w] of a frame; counts what is read."""
        tables = [self.long_term, self.memory] if self.long_term else [self.memory]
        key, shrinkage, value = (
            join([table[name] for table in tables], dim=-1) for name in ('key', 'shrinkage', 'value'))
        scores = similarity(key, shrinkage, features.key.flatten(2), features.selection.flatten(2))
        affinity = dense_affinity(scores, self.top_k)
        usage = affinity.sum(2)[:, None].split([num_elements(table) for table in tables], dim=-1)
        for table, use in zip(tables, usage):
            table['use'] += use
            table['life'] += 1
        return (value @ affinity).unflatten(2, features.key.shape[-2:])

    def decode(self, features: FrameFeatures, readout: Tensor, objects: slice) -> Tensor:
        """The logits [n, 1, H/4, W/4] of some objects; refreshes their sensory state, if no value will."""
        maps, logits = self.decode_maps(features, readout, self.sensory[objects])
        if not self.is_memory_frame:
            update = self.model.head.sensory_update
            self.sensory[objects] = update(maps, logits[None, :, 0], self.sensory[None, objects])[0]
        return logits

    def memorize(self, image: Tensor, features: FrameFeatures, masks: Tensor) -> None:
        """Encode the objects [1, N, H, W] of a frame, refresh their sensory state and append them to working memory."""
        value = self.encode_values(image, features, masks)
        if self.sensory is None:
            self.sensory = value.new_zeros(len(value), self.model.sensory_channels, *value.shape[-2:])
        self.sensory = self.model.deep_update(value[None], self.sensory[None])[0]
        frame = dict(
            key=features.key.flatten(2), shrinkage=features.shrinkage.flatten(2),
            selection=features.selection.flatten(2), value=value.flatten(2))
        self.memory = append(self.memory, unread(frame))
        size = num_elements(frame)
        if num_elements(self.memory) >= self.settings.max_working_frames * size:
            self.consolidate(size, num_elements(self.memory) - (self.settings.min_working_frames - 1) * size)

    def consolidate(self, start: int, end: int) -> None:
        """Turn some elements of the working memory into prototypes of the long-term memory."""
        candidates = select(self.memory, slice(start, end))
        self.evict()
        chosen = usage_of(candidates).topk(self.settings.num_prototypes).indices
        key, selection = candidates['key'][..., chosen], candidates['selection'][..., chosen]
        affinity = similarity(candidates['key'], candidates['shrinkage'], key, selection).softmax(1)
        prototypes = dict(key=key, shrinkage=candidates['shrinkage'] @ affinity, value=candidates['value'] @ affinity)
        self.long_term = append(self.long_term, unread(prototypes))
        self.memory = append(select(self.memory, slice(start)), select(self.memory, slice(end, None)))

    def evict(self) -> None:
        """Make room in the long-term memory for one consolidation."""
        room = self.settings.max_long_term_elements - self.settings.num_prototypes
        if self.long_term and num_elements(self.long_term) > room:
            usage = usage_of(self.long_term)
            least = usage.topk(num_elements(self.long_term) - room, largest=False).values[-1]
            self.long_term = select(self.long_term, usage > least)


def similarity(key: Tensor, shrinkage: Tensor, query: Tensor, selection: Tensor) -> Tensor:
    """The anisotropic similarity [1, M, Q] of XMem.

    Args:
        key: Of the memory, [1, Ck, M].
        shrinkage: Of the memory, [1, 1, M].
        query: [1, Ck, Q].
        selection: Of the queries, [1, Ck, Q].
    """
    memory = key.transpose(1, 2)
    scores = 2 * (memory @ (selection * query)) - memory.square() @ selection
    scores = scores - (selection * query.square()).sum(1, keepdim=True)
    return scores * shrinkage.transpose(1, 2) / math.sqrt(key.shape[1])


def num_elements(table: Elements) -> int:
    """M."""
    return table['key'].shape[-1]


def select(table: Elements, where) -> Elements:
    """Some elements of a table, by a slice, indices or booleans."""
    return {name: column[..., where] for name, column in table.items()}


def unread(table: Elements) -> Elements:
    """A table whose elements have not been read yet."""
    zeros = torch.zeros_like(table['shrinkage'])
    return dict(table, use=zeros, life=zeros + INITIAL_LIFE)


def usage_of(table: Elements) -> Tensor:
    """How much each element was read on average a frame, [M]."""
    return (table['use'] / table['life']).flatten()


def plain_stream(model: MatchingVOS, one_by_one: bool = False) -> PlainSTCN:
    """Begin a video in the plain way of a model's authors."""
    return (PlainXMem if model.sensory_channels else PlainSTCN)(model, one_by_one)
