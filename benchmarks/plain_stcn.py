"""STCN as its authors' evaluation computes it: the reference of the benchmarks of inference.

The network is that of vosreg with the same weights, in contiguous layout and float32. What differs is how it is run:
the memory is concatenated anew with every memory frame, the affinity of all queries is held at once, its top-k softmax
is scattered into a dense matrix and multiplied with all values, batch norms are layers, and what objects share is
convolved again for each of them, but for the projections of the skip maps when they are decoded together.
"""
import copy
import math
from typing import Dict, List, Optional, Sequence, Tuple

import torch
import torch.nn.functional as F
from torch import Tensor

from vosreg.models import MatchingVOS
from vosreg.models.encoders import LightValueEncoder
from vosreg.models.encoders.mask_inputs import own_and_other_masks
from vosreg.ops import pad_to_multiple, soft_aggregate, unpad
from vosreg.structures import FrameFeatures

Elements = Dict[str, Tensor]
"""What is remembered of M locations, by name, [..., M]."""


class PlainSTCN:
    """One running video, whose objects are all given in its first frame.

    Args:
        model: An STCN of vosreg.
        one_by_one: Segment object by object, each with an affinity of its own, as the authors' evaluation on
            YouTube-VOS does; together is how theirs on DAVIS does it.

    Attributes:
        memory: ``key`` [1, Ck, M] and ``value`` [N, Cv, M]; empty before the first frame.
    """

    def __init__(self, model: MatchingVOS, one_by_one: bool = False) -> None:
        self.model = copy.deepcopy(model).to(memory_format=torch.contiguous_format)
        self.model.memory_format = torch.contiguous_format
        self.one_by_one = one_by_one
        self.top_k = model.test_memory['top_k']
        self.mem_every = model.test_cfg['mem_every']
        self.memory: Elements = {}
        self.time = -1

    @property
    def is_memory_frame(self) -> bool:
        """Whether the current frame is remembered."""
        return self.time % self.mem_every == 0

    @torch.no_grad()
    def step(self, image: Tensor, mask: Optional[Tensor] = None) -> Tensor:
        """Take the next frame.

        Args:
            image: Normalised [3, H, W].
            mask: Index mask [H, W] with the objects 1..N, with the first frame.

        Returns:
            Probabilities [N + 1, H, W].
        """
        self.time += 1
        image, padding = pad_to_multiple(image[None], 16)
        features = self.model.encode(image)
        if mask is None:
            prob = self.segment(features)
        else:
            prob = (mask == torch.arange(1, int(mask.max()) + 1)[:, None, None]).float()
            prob = pad_to_multiple(prob, 16)[0]
        prob = soft_aggregate(prob[None])
        if self.is_memory_frame:
            self.memorize(image, features, prob[:, 1:])
        return unpad(prob, padding)[0]

    def segment(self, features: FrameFeatures) -> Tensor:
        """Read and decode all objects: probabilities [N, H, W]."""
        readout = self.read(features)
        chunks = self.chunks(len(readout))
        logits = join([self.decode(features, readout[objects], objects) for objects in chunks], dim=0)
        return F.interpolate(logits, scale_factor=4, mode='bilinear', align_corners=False)[:, 0].sigmoid()

    def chunks(self, num_objects: int) -> List[slice]:
        """The objects that are segmented together."""
        return [slice(i, i + 1) for i in range(num_objects)] if self.one_by_one else [slice(num_objects)]

    def read(self, features: FrameFeatures) -> Tensor:
        """The readout [N, Cv, h, w] of a frame."""
        memory, query, value = self.memory['key'], features.key.flatten(2), self.memory['value']
        readouts = []
        for objects in self.chunks(len(value)):
            scores = 2 * (memory.transpose(1, 2) @ query) - memory.square().sum(1)[:, :, None]
            readouts.append(value[objects] @ dense_affinity(scores / math.sqrt(query.shape[1]), self.top_k))
        return join(readouts, dim=0).unflatten(2, features.key.shape[-2:])

    def decode(self, features: FrameFeatures, readout: Tensor, objects: slice) -> Tensor:
        """The logits [n, 1, H/4, W/4] of some objects, by their readout [n, Cv, h, w]."""
        return self.decode_maps(features, readout)[1]

    def decode_maps(self, features: FrameFeatures, readout: Tensor, *states: Tensor) -> Tuple[List[Tensor], Tensor]:
        """The head's maps of some objects, from the coarsest to the finest, and the logits of the last one.

        Args:
            features: Features of the frame.
            readout: [n, Cv, h, w].
            states: What else the head sees of the objects, [n, C, h, w].
        """
        head = self.model.head
        maps = [head.fuser(readout, features.context.expand(len(readout), -1, -1, -1), *states)]
        for stride, upsample in zip(head.strides, head.upsample):
            skip = upsample.skip_projection(features.pyramid[stride])
            coarse = F.interpolate(maps[-1], scale_factor=2, mode='bilinear', align_corners=False)
            maps.append(upsample.block(skip + coarse))
        return maps, head.predict(F.relu(maps[-1]))

    def memorize(self, image: Tensor, features: FrameFeatures, masks: Tensor) -> None:
        """Encode the objects [1, N, H, W] of a frame and append them to memory."""
        value = self.encode_values(image, features, masks)
        self.memory = append(self.memory, dict(key=features.key.flatten(2), value=value.flatten(2)))

    def encode_values(self, image: Tensor, features: FrameFeatures, masks: Tensor) -> Tensor:
        """The values [N, Cv, h, w] of the objects [1, N, H, W] of a frame, encoded together."""
        encoder, planes = self.model.value_encoder, own_and_other_masks(masks)[0]
        if isinstance(encoder, LightValueEncoder):  # Of vosreg's small networks.
            context = encoder.context_projection(features.context.expand(len(planes), -1, -1, -1))
            return encoder.blocks(encoder.mask_projection(F.pixel_unshuffle(planes, encoder.stride)) + context)
        trunk = encoder.backbone(torch.cat([image.expand(len(planes), -1, -1, -1), planes], dim=1))[encoder.stride]
        return encoder.fuser(trunk, features.pyramid[encoder.stride].expand(len(planes), -1, -1, -1))


def dense_affinity(scores: Tensor, top_k: int) -> Tensor:
    """The softmax over the best scores of each query among [1, M, Q], as a dense matrix in the place of the scores."""
    best, indices = scores.topk(top_k, dim=1)
    return scores.zero_().scatter_(1, indices, best.softmax(1))


def append(memory: Elements, new: Elements) -> Elements:
    """Both, concatenated."""
    return {name: torch.cat([memory[name], column], dim=-1) for name, column in new.items()} if memory else new


def join(parts: Sequence[Tensor], dim: int) -> Tensor:
    """The parts, concatenated if there are several."""
    return parts[0] if len(parts) == 1 else torch.cat(parts, dim)
