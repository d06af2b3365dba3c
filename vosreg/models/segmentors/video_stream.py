"""The state of one running video."""
from typing import List, Optional, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from vosreg.ops import pad_to_multiple, soft_aggregate, unpad
from vosreg.structures import FrameFeatures, KeyGrid, Matches


class VideoStream:
    """Segments the frames of a video one after the other.

    A frame becomes a memory frame if its mask is given or ``mem_every`` frames have passed since the last one (the
    schedule of STCN and XMem); with ``include_last`` every other frame is remembered until the next one comes.

    Args:
        model: A :class:`MatchingVOS`.
        memory: An empty memory bank.
        mem_every: Frames between two memory frames.
        include_last: Remember the previous frame too.
        record_matches: Tell what each frame was matched to in memory, which takes a second look at it.
        video: Name of the video, for error messages.

    Attributes:
        object_ids: Ids of the objects known so far, in order of appearance; object i is channel i + 1.
        time: Index of the last frame seen, -1 before the first.
        matches: What the last frame was matched to, on the CPU; None if nothing was in memory or it is not recorded.
    """

    def __init__(self,
                 model: nn.Module,
                 memory,
                 mem_every: int = 5,
                 include_last: bool = False,
                 record_matches: bool = False,
                 video: str = '') -> None:
        self.model = model
        self.memory = memory
        self.mem_every = mem_every
        self.include_last = include_last
        self.record_matches = record_matches
        self.video = video
        self.object_ids: List[int] = []
        self.time = -1
        self.matches: Optional[Matches] = None
        self._last_memory_time = -1

    @torch.no_grad()
    def step(self, image: Tensor, mask: Optional[Tensor] = None, is_last: bool = False) -> Tensor:
        """Take the next frame.

        Args:
            image: Normalised RGB [3, H, W].
            mask: Index mask [H, W] of objects to add or to correct: 0 means "not annotated here", ids not seen before
                enter with this frame.
            is_last: No frame follows, so nothing needs to be remembered.

        Returns:
            Probabilities float32 [K + 1, H, W] of background and the K objects known now, sum 1.

        Raises:
            ValueError: The mask's size is not the image's.
        """
        if mask is not None and mask.shape != image.shape[-2:]:
            raise ValueError(f'frame {self.time + 1} of video {self.video}: the mask is {tuple(mask.shape)}, but the '
                             f'image is {tuple(image.shape[-2:])}')
        self.time += 1
        padded, padding = pad_to_multiple(image[None], self.model.pad_multiple)
        features = self.model.encode(padded)
        if self.record_matches and self.object_ids:
            self.matches = self._match(features, image.shape[-2:], padding)

        prob = padded.new_ones(1, 1, *padded.shape[-2:], dtype=torch.float32)
        labelled = mask.unique().tolist() if mask is not None else []
        is_given = any(labelled)
        is_memory_frame = not is_last and (is_given or self.time - self._last_memory_time >= self.mem_every)
        if self.object_ids and not set(self.object_ids) <= set(labelled):
            # A memory frame refreshes the sensory state by its values instead.
            prob = self.model.step(
                features, self.memory, padded.shape[-2:], update_sensory=not is_memory_frame and not is_last).softmax(1)
        if is_given:
            prob = self._merge(prob, pad_to_multiple(mask, self.model.pad_multiple)[0])

        if self.object_ids and not is_last and (is_memory_frame or self.include_last):
            self.model.memorize(
                padded, features, prob[:, 1:], self.memory, self.time, permanent=is_given,
                temporary=not is_memory_frame, deep_update=is_memory_frame)
            if is_memory_frame:
                self._last_memory_time = self.time
        return unpad(prob, padding)[0]

    def index_mask(self, prob: Tensor, size: Sequence[int]) -> Tensor:
        """The most probable object of each pixel.

        Args:
            prob: Result of :meth:`step`, [K + 1, H, W].
            size: (H0, W0) of the mask; probabilities are resized bilinearly before the decision.

        Returns:
            Ids as in the given masks, uint8 [H0, W0] on the CPU.
        """
        if prob.shape[-2:] != tuple(size):
            prob = F.interpolate(prob[None], size=tuple(size), mode='bilinear', align_corners=False)[0]
        ids = torch.tensor([0, *self.object_ids], dtype=torch.uint8, device=prob.device)
        return ids[prob.argmax(0)].cpu()

    def _match(self, features: FrameFeatures, image_size: Sequence[int], padding: Sequence[int]) -> Matches:
        left, _, top, _ = padding
        grid = KeyGrid(tuple(features.key.shape[-2:]), self.model.key_encoder.spec.stride, (left, top),
                       tuple(image_size))
        return Matches(*(part.cpu() for part in self.memory.match(features)), grid)

    def _merge(self, prob: Tensor, mask: Tensor) -> Tensor:
        """Put the given objects over the predicted ones.

        Args:
            prob: Predicted [1, K + 1, H, W]; without channels for objects that enter now, or for any if the mask
                holds all objects and nothing was predicted.
            mask: Index mask [H, W].

        Returns:
            Aggregated [1, K' + 1, H, W] with the new objects' channels last.
        """
        given = [i for i in mask.unique().tolist() if i]
        new_ids = [i for i in given if i not in self.object_ids]
        self.object_ids.extend(new_ids)
        objects = prob[:, 1:] * (mask == 0)
        objects = F.pad(objects, (0, 0, 0, 0, 0, len(self.object_ids) - objects.shape[1]))
        for i in given:
            objects[0, self.object_ids.index(i)] = (mask == i).to(objects.dtype)
        return soft_aggregate(objects)
