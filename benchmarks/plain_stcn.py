"""STCN as its authors' evaluation computes it: the reference of the benchmarks of inference.

The network is that of vosreg with the same weights, in contiguous layout and float32. What differs is how it is run:
the memory is concatenated anew with every memory frame, the affinity of all queries is held at once, its top-k softmax
is scattered into a dense matrix and multiplied with all values, batch norms are layers, and what objects share is
convolved again for each of them, but for the projections of the skip maps when they are decoded together.
"""
import copy
import math
from typing import Optional

import torch
import torch.nn.functional as F
from torch import Tensor

from vosreg.models import MatchingVOS
from vosreg.models.encoders.mask_inputs import own_and_other_masks
from vosreg.ops import pad_to_multiple, soft_aggregate, unpad
from vosreg.structures import FrameFeatures


class PlainSTCN:
    """One running video.

    Args:
        model: An STCN of vosreg.
        one_by_one: Segment object by object, each with an affinity of its own, as the authors' evaluation on
            YouTube-VOS does; together is how theirs on DAVIS does it.
    """

    def __init__(self, model: MatchingVOS, one_by_one: bool = False) -> None:
        self.model = copy.deepcopy(model).to(memory_format=torch.contiguous_format)
        self.model.memory_format = torch.contiguous_format
        self.one_by_one = one_by_one
        self.top_k = model.test_memory['top_k']
        self.mem_every = model.test_cfg['mem_every']
        self.key: Optional[Tensor] = None
        self.value: Optional[Tensor] = None
        self.time = -1

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
            objects = self.value.split(1 if self.one_by_one else len(self.value))
            prob = torch.cat([self.segment(features, value) for value in objects])
        else:
            prob = (mask == torch.arange(1, int(mask.max()) + 1)[:, None, None]).float()
            prob = pad_to_multiple(prob, 16)[0]
        prob = soft_aggregate(prob[None])
        if self.time % self.mem_every == 0:
            self.memorize(image, features, prob[:, 1:])
        return unpad(prob, padding)[0]

    def segment(self, features: FrameFeatures, value: Tensor) -> Tensor:
        """Read and decode some objects, by their values in memory: probabilities [n, H, W]."""
        head = self.model.head
        maps = torch.cat([self.read(features.key, value), features.context.expand(len(value), -1, -1, -1)], dim=1)
        maps = head.fuser(maps)
        for stride, upsample in zip(head.strides, head.upsample):
            skip = upsample.skip_projection(features.pyramid[stride])
            maps = skip + F.interpolate(maps, scale_factor=2, mode='bilinear', align_corners=False)
            maps = upsample.block(maps)
        logits = head.predict(F.relu(maps))
        return F.interpolate(logits, scale_factor=4, mode='bilinear', align_corners=False)[:, 0].sigmoid()

    def read(self, query: Tensor, value: Tensor) -> Tensor:
        """The readout [n, Cv, h, w] of a key [1, Ck, h, w] from values [n, Cv, T, h, w]."""
        memory, key = self.key.flatten(2), query.flatten(2)
        scores = 2 * (memory.transpose(1, 2) @ key) - memory.square().sum(1)[:, :, None]
        best, indices = (scores / math.sqrt(key.shape[1])).topk(self.top_k, dim=1)
        affinity = scores.zero_().scatter_(1, indices, best.softmax(1))
        return (value.flatten(2) @ affinity).unflatten(2, query.shape[-2:])

    def memorize(self, image: Tensor, features: FrameFeatures, masks: Tensor) -> None:
        """Encode the objects [1, N, H, W] of a frame and append them to memory."""
        encoder, num_objects = self.model.value_encoder, masks.shape[1]
        inputs = torch.cat([image.expand(num_objects, -1, -1, -1), own_and_other_masks(masks)[0]], dim=1)
        trunk = encoder.backbone(inputs)[encoder.stride]
        value = encoder.fuser(trunk, features.pyramid[encoder.stride].expand(num_objects, -1, -1, -1))[:, :, None]
        key = features.key[:, :, None]
        self.key = key if self.key is None else torch.cat([self.key, key], dim=2)
        self.value = value if self.value is None else torch.cat([self.value, value], dim=2)
