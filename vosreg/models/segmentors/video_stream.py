"""The state of one running video."""
import inspect
from typing import Iterable, List, Optional, Sequence, Tuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from vosreg.ops import pad_to_multiple, soft_aggregate, unpad
from vosreg.structures import FrameFeatures, KeyGrid, Matches

from .given_masks import GivenMasks

# Of objects and background, brought to the size of the result together.
MAPS_AT_ONCE = 8


class VideoStream:
    """Segments the frames of a video one after the other; :meth:`MatchingVOS.stream` begins one.

    Objects may be added and corrected with any frame, by their masks, and removed after any. A frame becomes a memory
    frame if a mask is given or ``mem_every`` frames have passed since the last one, as in STCN and XMem; with
    ``include_last`` every other frame is remembered until the next one comes. Frames with given masks stay in memory
    for good, so several annotated frames help each other (as in XMem++, Bekuzarov et al., ICCV 2023).

    The session can be saved and continued in another process::

        torch.save(stream.state_dict(), 'session.pth')
        stream = model.stream()
        stream.load_state_dict(torch.load('session.pth', weights_only=True))

    Args:
        model: A :class:`MatchingVOS`.
        memory: An empty memory bank.
        mem_every: Frames between two memory frames.
        include_last: Remember the previous frame too.
        deep_update_every: Memory frames that lie this many frames after the last deep update, or more, refresh the
            sensory state by their values, and all frames do by what is decoded. None: each memory frame refreshes it by
            its values only, and the other frames by what is decoded (the -1 of the official XMem).
        record_matches: Tell what each frame was matched to in memory, which takes a second look at it.
        resize: Resize frames of another size than the first one's, and their masks, to it, and the results back.
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
                 deep_update_every: Optional[int] = None,
                 record_matches: bool = False,
                 resize: bool = False,
                 video: str = '') -> None:
        if deep_update_every is not None and deep_update_every < 1:
            raise ValueError('deep_update_every is a number of frames, or None for a deep update with each memory '
                             f'frame, not {deep_update_every}')
        self.model = model
        self.memory = memory
        self.mem_every = mem_every
        self.include_last = include_last
        self.deep_update_every = deep_update_every
        self.record_matches = record_matches
        self.resize = resize
        self.video = video
        self.reset()

    def reset(self) -> None:
        """Forget the video: the next frame is the first of another one."""
        self.memory.reset()
        self.object_ids: List[int] = []
        self.time = -1
        self.matches: Optional[Matches] = None
        self._last_memory_time = -1
        self._last_deep_update_time: Optional[int] = None
        self._size: Optional[Tuple[int, int]] = None
        self._has_ended = False

    @torch.no_grad()
    def step(self, frame: Tensor, masks=None, object_ids: Optional[Sequence[int]] = None,
             is_last: bool = False) -> Tensor:
        """Take the next frame.

        To correct a result after seeing it, step the same frame again, with masks. Each such step counts as one more
        frame, so ``time``, ``matches.frames`` and the errors of later frames name a frame one too high for each.

        Args:
            frame: RGB [3, H, W], grey levels as uint8 or normalised as float.
            masks: Masks of the objects to add or to correct with this frame, in any form of :meth:`GivenMasks.parse`:
                an index mask [H, W], or bool, one-hot or float masks [N, H, W]. Ids not seen before enter with this
                frame; the objects that are not given stay as predicted.
            object_ids: Ids of the objects that the masks are of; an index mask needs none.
            is_last: No frame follows, so nothing needs to be remembered.

        Returns:
            Probabilities float32 [K + 1, H, W] of background and the K objects known now, sum 1. As long as there is no
            object, all is background.

        Raises:
            ValueError: The masks are of no accepted form or of another size than the frame, or the frame is of another
                size than the first one.
        """
        try:
            image, given = self._read_inputs(frame, masks, object_ids)
        except ValueError as error:
            raise ValueError(f'frame {self.time + 1} of video {self.video}: {error}') from None
        self.time += 1
        self._has_ended = is_last
        padded, padding = pad_to_multiple(image[None], self.model.pad_multiple)
        features = self.model.encode(padded)
        records = self.record_matches and self.object_ids
        self.matches = self._match(features, image.shape[-2:], padding) if records else None

        prob = padded.new_ones(1, 1, *padded.shape[-2:], dtype=torch.float32)
        is_given = bool(given.object_ids)
        is_memory_frame = not is_last and (is_given or self.time - self._last_memory_time >= self.mem_every)
        is_deep_update = is_memory_frame and self._is_deep_update_due()
        if self.object_ids and not set(self.object_ids) <= set(given.object_ids):
            # By default a memory frame refreshes the sensory state by its values instead.
            is_refreshed = not is_last and (not is_memory_frame or self.deep_update_every is not None)
            prob = self.model.step(features, self.memory, padded.shape[-2:], update_sensory=is_refreshed).softmax(1)
        if is_given:
            prob = self._merge(prob, given.object_ids, pad_to_multiple(given.masks, self.model.pad_multiple)[0])

        if self.object_ids and not is_last and (is_memory_frame or self.include_last):
            self.model.memorize(
                padded, features, prob[:, 1:], self.memory, self.time, permanent=is_given,
                temporary=not is_memory_frame, deep_update=is_deep_update)
            if is_memory_frame:
                self._last_memory_time = self.time
            if is_deep_update:
                self._last_deep_update_time = self.time
        return resize_maps(unpad(prob, padding)[0], frame.shape[-2:])

    def remove_objects(self, object_ids: Sequence[int]) -> None:
        """Forget objects; the others keep their order. Their ids may be used again, for new objects.

        Args:
            object_ids: The objects to forget.

        Raises:
            ValueError: An id was never introduced.
        """
        unknown = [i for i in object_ids if i not in self.object_ids]
        if unknown:
            raise ValueError(f'video {self.video} has no objects {unknown} to remove, only {self.object_ids}')
        self.memory.remove_objects([self.object_ids.index(i) for i in object_ids])
        self.object_ids = [i for i in self.object_ids if i not in object_ids]

    def state_dict(self) -> dict:
        """The session as tensors, numbers, lists and dicts, which ``torch.save`` writes and safe loading reads."""
        return dict(
            settings=self._settings(),
            video=self.video,
            object_ids=list(self.object_ids),
            time=self.time,
            last_memory_time=self._last_memory_time,
            last_deep_update_time=self._last_deep_update_time,
            size=self._size,
            memory=self.memory.state_dict())

    def load_state_dict(self, state: dict) -> None:
        """Continue a session: what follows is as if it had not been interrupted.

        Args:
            state: Result of :meth:`state_dict` of a stream of the same model with the same settings, its tensors on the
                model's device.

        Raises:
            ValueError: The settings are others.
        """
        if state['settings'] != self._settings():
            raise ValueError(f'the session was saved with the settings {state["settings"]} and cannot go on with '
                             f'{self._settings()}')
        self.reset()
        self.memory.load_state_dict(state['memory'])
        self.video = state['video']
        self.object_ids = list(state['object_ids'])
        self.time = state['time']
        self._last_memory_time = state['last_memory_time']
        self._last_deep_update_time = state['last_deep_update_time']
        self._size = None if state['size'] is None else tuple(state['size'])

    def index_mask(self, prob: Tensor, size: Sequence[int]) -> Tensor:
        """The most probable object of each pixel, the first one of several.

        Args:
            prob: Result of :meth:`step`, [K + 1, H, W].
            size: (H0, W0) of the mask; probabilities are resized bilinearly before the decision, some at a time: all
                maps of a large frame with many objects would take gigabytes.

        Returns:
            Ids as in the given masks, uint8 [H0, W0] on the CPU.

        Raises:
            ValueError: The probabilities are of other objects than there are now.
        """
        if len(prob) != len(self.object_ids) + 1:
            raise ValueError(f'video {self.video}: the probabilities are of {len(prob) - 1} objects, but there are now '
                             f'{len(self.object_ids)}, {self.object_ids}; make the mask of a frame before objects are '
                             'added or removed')
        return self.most_probable(resize_maps(maps, size) for maps in prob.split(MAPS_AT_ONCE))

    def most_probable(self, parts: Iterable[Tensor]) -> Tensor:
        """The most probable object of each pixel, the first one of several.

        Args:
            parts: Probabilities of the background and the objects, some maps at a time, [C, H, W] each.

        Returns:
            Ids as in the given masks, uint8 [H, W] on the CPU.
        """
        ids = [0, *self.object_ids]
        highest, mask = -1., 0
        for maps in parts:
            ids_of_maps, ids = maps.new_tensor(ids[:len(maps)], dtype=torch.uint8), ids[len(maps):]
            score, winner = maps.max(0)
            is_higher = score > highest
            mask = torch.where(is_higher, ids_of_maps[winner], mask)
            highest = torch.where(is_higher, score, highest)
        return mask.cpu()

    def _match(self, features: FrameFeatures, image_size: Sequence[int], padding: Sequence[int]) -> Matches:
        left, _, top, _ = padding
        grid = KeyGrid(tuple(features.key.shape[-2:]), self.model.key_encoder.spec.stride, (left, top),
                       tuple(image_size))
        return Matches(*(part.cpu() for part in self.memory.match(features)), grid)

    def _is_deep_update_due(self) -> bool:
        """Whether the sensory state is refreshed by the values of this frame, if it is a memory frame."""
        if self.deep_update_every is None or self._last_deep_update_time is None:
            return True
        return self.time - self._last_deep_update_time >= self.deep_update_every

    def _settings(self) -> dict:
        return dict(memory=self.memory.settings(), mem_every=self.mem_every, include_last=self.include_last,
                    deep_update_every=self.deep_update_every)

    def _read_inputs(self, frame: Tensor, masks, object_ids: Optional[Sequence[int]]) -> Tuple[Tensor, GivenMasks]:
        """Check a frame and its masks, and bring them to the network's device, range and size."""
        if self._has_ended:
            raise ValueError('the frame before it was said to be the last one; reset() begins another video')
        if frame is None:
            raise ValueError('masks come together with the frame that they are of, but there is none')
        if frame.ndim != 3 or frame.shape[0] != 3:
            raise ValueError(f'a frame is [3, H, W], not {list(frame.shape)}')
        if masks is None and object_ids is not None:
            raise ValueError(f'object_ids={list(object_ids)} come without masks')
        device = next(self.model.parameters()).device
        image = frame.to(device)
        if image.dtype == torch.uint8:
            image = self.model.data_preprocessor.normalise(image)
        elif not image.is_floating_point():
            raise ValueError(f'a frame is uint8, or float if it is normalised, not {frame.dtype}')
        image = image.float()
        size = tuple(frame.shape[-2:])
        given = GivenMasks([], image.new_zeros(0, *size)) if masks is None else GivenMasks.parse(masks, object_ids)
        if tuple(given.masks.shape[-2:]) != size:
            raise ValueError(f'the mask is {tuple(given.masks.shape[-2:])}, but the image is {size}')
        self._size = self._size or size
        if size != self._size and not self.resize:
            raise ValueError(f'the frame is {size}, but the video began with {self._size}; stream(resize=True) resizes')
        image, masks = resize_maps(image, self._size), resize_maps(given.masks.to(device), self._size, mode='nearest')
        return image, GivenMasks(given.object_ids, masks)

    def _merge(self, prob: Tensor, given_ids: Sequence[int], masks: Tensor) -> Tensor:
        """Put the given objects over the predicted ones.

        Args:
            prob: Predicted [1, K + 1, H, W]; without channels for objects that enter now, or for any if all objects are
                given and nothing was predicted.
            given_ids: The given objects.
            masks: Their probabilities [n, H, W].

        Returns:
            Aggregated [1, K' + 1, H, W] with the new objects' channels last.
        """
        self.object_ids.extend(i for i in given_ids if i not in self.object_ids)
        objects = prob[:, 1:] * (masks.sum(0) <= 0.5)
        objects = F.pad(objects, (0, 0, 0, 0, 0, len(self.object_ids) - objects.shape[1]))
        objects[0, [self.object_ids.index(i) for i in given_ids]] = masks
        return soft_aggregate(objects)


# What a model's config may set of its streams.
STREAM_SETTINGS = [name for name in inspect.signature(VideoStream).parameters
                   if name not in ('model', 'memory', 'resize', 'video')]


def resize_maps(maps: Tensor, size: Sequence[int], mode: str = 'bilinear') -> Tensor:
    """Maps [C, H0, W0] -> [C, H, W], untouched if they have that size."""
    if tuple(maps.shape[-2:]) == tuple(size):
        return maps
    return F.interpolate(maps[:, None], size=tuple(size), mode=mode)[:, 0]
