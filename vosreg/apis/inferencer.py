"""From a video and a mask to the masks of all frames."""
import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Dict, Iterable, Iterator, List, Mapping, Optional, Tuple, Union

import torch
from torch import nn
from tqdm import tqdm

from vosreg.datasets.frame_files import list_images
from vosreg.fileio import UnreadableImageError, UnreadableVideoError
from vosreg.registry import INFERENCERS

from .annotations import Annotations, Masks
from .frame_sources import FrameSource, ImageFiles, Video, open_frames, place_of_file
from .model_loading import load_model
from .outputs import NamedMask, write_overlay, write_run_lengths
from .result_folder import ResultFolder
from .video_names import unique_names
from .video_session import SegmentedFrame, VideoSession

PathLike = Union[str, Path]


@dataclass(frozen=True)
class VideoResult:
    """Where the results of a video are.

    Attributes:
        masks: Folder of the palette PNGs.
        num_frames: How many there are.
        overlay: The video with the masks over it; None if it was not wanted.
        run_lengths: The masks as JSON; None if it was not wanted.
    """
    masks: Path
    num_frames: int
    overlay: Optional[Path]
    run_lengths: Optional[Path]


# Not a BaseInferencer of MMEngine: that one deals independent inputs into batches, keeps all results until the last
# one is there, and draws them in the end. A video is one sequence with a state, and may be longer than memory.
@INFERENCERS.register_module()
class VOSInferencer:
    """Segments the objects that are given in some frames of a video in all its frames.

    ::

        inferencer = VOSInferencer()
        inferencer('video.mp4', 'first_mask.png', 'results')             # files, can be interrupted
        for frame in inferencer.stream('video.mp4', 'first_mask.png'):   # arrays, one frame at a time
            print(frame.index, frame.mask.max())

    A video is a file, a folder or glob of images, a list of image files or of arrays, a generator of arrays, or the
    index of a camera; see :func:`~vosreg.apis.open_frames`. Masks are of the first frame or of any others; see
    :class:`~vosreg.apis.Annotations`.

    Args:
        model: A name in the model zoo, a config, a checkpoint that carries its config, or a model; see
            :func:`~vosreg.apis.load_model`. By default the model that comes with vosreg.
        weights: The checkpoint of the config.
        device: For example ``cpu`` or ``cuda:1``; by default a GPU if there is one.
        size: Short side in pixels of what the network sees. Larger frames are reduced to it, which bounds time and
            memory; smaller ones are enlarged, since small objects are found better. Masks have the size of their frames
            all the same. None lets the network see the frames as they are.
        mem_every: Frames between two that are remembered; by default what the model's config says.
        memory_frames: Most frames that are remembered as they are. When there are that many, the older half is summed
            up in a long-term memory as in XMem, so that memory and time a frame are bounded however long the video is.
            Until then it makes no difference. A model with a long-term memory of its own keeps that. None bounds
            nothing.
        amp: Compute in half precision: float16 on a GPU; on a CPU bfloat16, which is faster on those with
            ``avx512_bf16`` or AMX; on another device what PyTorch has there.
        show_progress: Show a progress bar.

    Raises:
        ValueError: The model cannot be had, see :func:`~vosreg.apis.load_model`, an option is out of range, or the
            device has no half precision.
    """

    def __init__(self,
                 model: Union[PathLike, nn.Module, None] = None,
                 weights: Optional[PathLike] = None,
                 device: Optional[str] = None,
                 size: Optional[int] = 480,
                 mem_every: Optional[int] = None,
                 memory_frames: Optional[int] = 30,
                 amp: bool = False,
                 show_progress: bool = True) -> None:
        options = (('size', size, 32), ('mem_every', mem_every, 1), ('memory_frames', memory_frames, 4))
        for name, value, least in options:
            if value is not None and value < least:
                raise ValueError(f'{name} is {value}; it must be at least {least}')
        self.model = load_model(model, weights, device)
        device_type = next(self.model.parameters()).device.type
        if amp and not torch.amp.is_autocast_available(device_type):
            raise ValueError(f'PyTorch has no half precision (--amp, amp=True) on the device {device_type!r}; leave it '
                             'out, or choose cuda or cpu')
        self.size = size
        self.mem_every = mem_every
        self.memory_frames = memory_frames
        self.amp = amp
        self.show_progress = show_progress

    def stream(self, video: Video, masks: Masks, resize: bool = False) -> Iterator[SegmentedFrame]:
        """Segment a video and give each frame when it is there. Nothing is written, and no frame is kept.

        Args:
            video: See :func:`~vosreg.apis.open_frames`.
            masks: See :class:`~vosreg.apis.Annotations`.
            resize: Resize masks of another size than their frames, and for the network frames of another size than the
                first one, instead of refusing them.

        Raises:
            FileNotFoundError: The video or a mask is not there.
            torch.OutOfMemoryError: A frame needs more memory than there is; the message tells what takes less.
            ValueError: The video or a mask is wrong; the message tells which frame.
        """
        return iter(self._begin(video, masks, resize)[0])

    def __call__(self,
                 video: Video,
                 masks: Masks,
                 out_dir: PathLike,
                 overlay: bool = True,
                 run_lengths: bool = False,
                 resize: bool = False,
                 overwrite: bool = False) -> VideoResult:
        """Segment a video into files.

        If it is interrupted, the same call goes on and gives the same masks. If all is there already, nothing is done.

        Args:
            video: See :func:`~vosreg.apis.open_frames`.
            masks: See :class:`~vosreg.apis.Annotations`.
            out_dir: Where to write, see :class:`~vosreg.apis.ResultFolder`.
            overlay: Draw the masks over the video, too.
            run_lengths: Write the masks as COCO run lengths, too.
            resize: See :meth:`stream`.
            overwrite: Replace the results of other inputs in ``out_dir`` instead of refusing to.

        Raises:
            FileNotFoundError: The video or a mask is not there.
            torch.OutOfMemoryError: See :meth:`stream`.
            UnreadableVideoError: The video breaks off; the results of the frames before are there.
            ValueError: The video or a mask is wrong, ``out_dir`` holds the results of other inputs, or another process
                or thread writes there.
        """
        session, masks_fingerprint = self._begin(video, masks, resize)
        frames, folder = session.frames, ResultFolder(out_dir)
        inputs = dict(
            video=frames.fingerprint(),
            masks=masks_fingerprint,
            model=_model_fingerprint(self.model),
            settings=f'size={self.size}, mem_every={self.mem_every}, memory_frames={self.memory_frames}, '
            f'resize={resize}, amp={self.amp}')
        with folder.locked():
            folder.claim(inputs, overwrite, [*frames.paths, *session.annotations.paths])
            if folder.num_frames is None or not folder.has_masks(map(frames.frame_name, range(folder.num_frames))):
                self._segment(session, folder, overlay, run_lengths)
            self._write_outputs(frames, folder, folder.num_frames, overlay and not folder.overlay.is_file(),
                                run_lengths and not folder.run_lengths.is_file())
            return VideoResult(folder.masks, folder.num_frames, folder.overlay if overlay else None,
                               folder.run_lengths if run_lengths else None)

    def batch(self, videos: Union[Mapping[str, Tuple[Video, Masks]], Iterable[Tuple[Video, Masks]]], out_dir: PathLike,
              **options) -> Dict[str, VideoResult]:
        """Segment several videos, each into a folder of its own. A video that fails does not stop the others.

        Args:
            videos: Video and masks of each, by the names of their folders; without names, those of the videos, with
                the folders before it where several have the same, see
                :func:`~vosreg.apis.video_names.unique_names`.
            out_dir: Where the folders go.
            **options: See :meth:`__call__`.

        Returns:
            The results by name.

        Raises:
            ValueError: The folders do not tell two videos of one name apart; or some failed, after the others are done.
        """
        given = list(videos.values() if isinstance(videos, Mapping) else videos)
        sources = [_try_to_open(video) for video, _ in given]
        if isinstance(videos, Mapping):
            names = list(videos)
        else:
            # With those that cannot be opened now, so that the others keep their names when these can.
            names = unique_names([source.place if isinstance(source, FrameSource) else place_of_file(str(video))
                                  for source, (video, _) in zip(sources, given)])
        results, failures = {}, []
        for name, source, (_, masks) in zip(names, sources, given):
            try:
                if isinstance(source, Exception):
                    raise source
                results[name] = self(source, masks, Path(out_dir, name), **options)
            except (OSError, ValueError, torch.OutOfMemoryError) as error:
                failures.append(f'{name}: {error}')
        if failures:
            raise ValueError(f'{len(failures)} videos failed, {len(results)} are done:\n' + '\n'.join(failures))
        return results

    def _begin(self, video: Video, masks: Masks, resize: bool) -> Tuple[VideoSession, str]:
        """Check what is given; returns a session, and a fingerprint of the masks."""
        frames = open_frames(video)
        annotations = Annotations(masks, frames, resize)
        # The size of a live video is known when it is too late to look at its first frame again.
        fingerprint = 'live' if frames.is_live else annotations.fingerprint(next(frames.read()).shape[:2])
        session = VideoSession(self.model, frames, annotations, self.size, self.mem_every, self.memory_frames, resize,
                               self.amp)
        return session, fingerprint

    def _segment(self, session: VideoSession, folder: ResultFolder, overlay: bool, run_lengths: bool) -> None:
        """Write the masks of a video, going on where an earlier call stopped."""
        is_live = session.frames.is_live
        folder.load_session(session, next(self.model.parameters()).device)
        try:
            for frame in self._progress(session, session.frames, session.num_done):
                folder.write(frame, with_image=is_live)
                if not is_live:
                    folder.save_session(session)
        except KeyboardInterrupt:
            if not is_live or not session.num_done:
                raise
            # This is how a camera ends.
        except (UnreadableImageError, UnreadableVideoError) as error:
            self._write_outputs(session.frames, folder, session.num_done, overlay, run_lengths)
            raise type(error)(f'{error}. The results of the {session.num_done} frames before are in '
                              f'{folder.path}') from error
        folder.complete(len(list_images(folder.masks)) if is_live else session.num_done)

    def _write_outputs(self, frames: FrameSource, folder: ResultFolder, num_frames: int, overlay: bool,
                       run_lengths: bool) -> None:
        masks: List[NamedMask] = [(name, folder.mask_path(name)) for name in map(frames.frame_name, range(num_frames))]
        if overlay:
            images = ImageFiles(list(list_images(folder.frames).values()), '') if frames.is_live else frames
            write_overlay(folder.overlay, images.read(), masks, frames.fps)
        if run_lengths:
            write_run_lengths(folder.run_lengths, masks)

    def _progress(self, session: Iterable, frames: FrameSource, start: int) -> Iterable:
        return tqdm(session, frames.name, frames.num_frames, initial=start, unit='frame',
                    disable=not self.show_progress)


def _try_to_open(video: Video) -> Union[FrameSource, Exception]:
    try:
        return open_frames(video)
    except (OSError, ValueError) as error:
        return error


def _model_fingerprint(model: nn.Module) -> str:
    """Text that is another one for other settings, layers, weights or constants, such as those that normalise."""
    digest = hashlib.sha256(repr((model.test_memory, model.test_cfg, model.pad_multiple)).encode())
    for name, layer in model.named_modules():
        digest.update(f'{name} {type(layer).__name__}({layer.extra_repr()})'.encode())
    for name, tensor in (*model.named_parameters(), *model.named_buffers()):
        digest.update(name.encode())
        digest.update(tensor.detach().cpu().flatten().view(torch.uint8).numpy())
    return digest.hexdigest()[:16]
