"""One video on its way through a model."""
import warnings
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from typing import Iterator, Optional, Tuple

import numpy as np
import torch

from vosreg.datasets.transforms import ResizeShortSide
from vosreg.models.memory_banks import LongTermMemory, StreamMemory
from vosreg.models.segmentors import MatchingVOS

from .annotations import Annotations
from .frame_sources import FrameSource

# More than XMem's, since more frames are summed up at a time, and the key maps of small models are finer.
LONG_TERM = dict(num_prototypes=512, max_long_term_elements=10000)


@dataclass(frozen=True)
class SegmentedFrame:
    """A frame and its result.

    Attributes:
        index: Its number in the video, from 0.
        name: Its name, that of its file or its number in five digits.
        image: RGB uint8 [H, W, 3].
        mask: Index mask uint8 [H, W], with the ids of the given masks.
    """
    index: int
    name: str
    image: np.ndarray
    mask: np.ndarray


class VideoSession:
    """Segments a video frame by frame. Iterating goes on where the last iteration, or a loaded state, stopped.

    Args:
        model: The model.
        frames: The video.
        annotations: Its given masks.
        size: Short side in pixels of what the network sees, see :class:`~vosreg.apis.VOSInferencer`.
        mem_every: Frames between two memory frames; by default what the model's config says.
        memory_frames: Most memory frames, see :class:`~vosreg.apis.VOSInferencer`.
        resize: Take frames of another size than the first one's.
        amp: Compute in half precision, see :class:`~vosreg.apis.VOSInferencer`.
    """

    def __init__(self,
                 model: MatchingVOS,
                 frames: FrameSource,
                 annotations: Annotations,
                 size: Optional[int] = None,
                 mem_every: Optional[int] = None,
                 memory_frames: Optional[int] = None,
                 resize: bool = False,
                 amp: bool = False) -> None:
        self.frames = frames
        self.annotations = annotations
        self._stream = model.stream(frames.name, resize)
        self._stream.mem_every = mem_every or self._stream.mem_every
        if memory_frames:
            self._stream.memory = _bounded(self._stream.memory, memory_frames)
        self._scale = ResizeShortSide(size) if size else dict
        self._resize = resize
        # MMEngine's autocast knows fewer devices.
        self._autocast = partial(torch.autocast, next(model.parameters()).device.type) if amp else nullcontext
        self._frame_size: Optional[Tuple[int, int]] = None

    @property
    def num_done(self) -> int:
        """How many frames are segmented."""
        return self._stream.time + 1

    def __iter__(self) -> Iterator[SegmentedFrame]:
        """Segment the frames that are left.

        Raises:
            UnreadableVideoError: The video breaks off.
            torch.OutOfMemoryError: A frame needs more memory than there is; the message tells what takes less.
            ValueError: A frame has another size than the first one, its mask is wrong, a mask is of a frame after the
                last one (of a live video that is a warning), or there is no frame.
        """
        for index, image in enumerate(self.frames.read(self.num_done), start=self.num_done):
            self._check_size(index, image)
            try:
                mask = self._segment(index, image)
            except (MemoryError, RuntimeError) as error:
                if not _is_out_of_memory(error):
                    raise
                reason = str(error).partition('\n')[0]
                raise torch.OutOfMemoryError(
                    f'out of memory in {self.frames.describe(index)}, with {len(self._stream.object_ids)} objects. '
                    'What takes less: a smaller --size (size), fewer --memory-frames (memory_frames), and for many '
                    f'objects object_chunk=1 of the model in its config. {reason}') from error
            yield SegmentedFrame(index, self.frames.frame_name(index), image, mask)
        # How many frames there are may be known only now.
        if not self.num_done:
            raise ValueError(f'the video {self.frames.name} has no frames')
        last = self.annotations.indices[-1]
        if last >= self.num_done:
            message = (f'a mask is given for the frame {last}, but the video {self.frames.name} ends after '
                       f'{self.num_done} frames')
            if not self.frames.is_live:
                raise ValueError(message)
            warnings.warn(message, stacklevel=2)  # A live video cannot be taken once more.

    def state_dict(self) -> dict:
        """What :meth:`load_state_dict` needs to go on; safe to load."""
        return dict(stream=self._stream.state_dict(), frame_size=self._frame_size)

    def load_state_dict(self, state: dict) -> None:
        """Go on where another session of the same video and settings was when it gave this state."""
        self._stream.load_state_dict(state['stream'])
        self._frame_size = tuple(state['frame_size'])

    def _segment(self, index: int, image: np.ndarray) -> np.ndarray:
        size = image.shape[:2]
        given = self.annotations.read(index, size)
        inputs, given_ids = dict(image=image), None
        if given is not None:
            # An object too small for the network's size has an id all the same.
            given_ids = np.unique(given[given > 0]).tolist()
            inputs['given_mask'] = given
        inputs = self._scale(inputs)
        frame = torch.from_numpy(np.ascontiguousarray(inputs['image'])).permute(2, 0, 1)
        with self._autocast():
            prob = self._stream.step(frame, inputs.get('given_mask'), given_ids)
        mask = self._stream.index_mask(prob, size).numpy()
        if given is not None:
            # What the user drew is the result, to the pixel.
            mask[np.isin(mask, given_ids)] = 0
            mask[given > 0] = given[given > 0]
        return mask

    def _check_size(self, index: int, image: np.ndarray) -> None:
        size = image.shape[:2]
        self._frame_size = self._frame_size or size
        if size != self._frame_size and not self._resize:
            height, width = self._frame_size
            raise ValueError(f'{self.frames.describe(index)} is {size[1]}x{size[0]} pixels, but the video began with '
                             f'{width}x{height}; give frames of one size, or allow resizing (--resize, resize=True)')


def _is_out_of_memory(error: Exception) -> bool:
    # That of a CPU is a RuntimeError like any other, but for its text, of which systems share only this name.
    return isinstance(error, (MemoryError, torch.OutOfMemoryError)) or 'DefaultCPUAllocator' in str(error)


def _bounded(memory: StreamMemory, frames: int) -> StreamMemory:
    """A memory that is the same as long as there are fewer frames; one that is bounded already stays as it is."""
    if type(memory) is not StreamMemory:
        return memory
    return LongTermMemory(memory.top_k, frames, frames // 2, max_scores=memory.max_scores, **LONG_TERM)
