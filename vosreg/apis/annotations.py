"""The masks that a user gives with a video."""
import hashlib
from pathlib import Path
from typing import Dict, List, Mapping, Optional, Tuple, Union

import cv2
import numpy as np

from vosreg.datasets.frame_files import list_images
from vosreg.fileio import VOID_ID, read_mask
from vosreg.given_paths import check_mask_path

from .frame_sources import FrameSource
from .prompts import Boxes, Polygons

Mask = Union[str, Path, np.ndarray, Boxes, Polygons]
Masks = Union[Mask, Mapping[Union[int, str], Mask]]


class Annotations:
    """The annotated frames of a video.

    Masks stay where they are until their frame comes, so that many of them take no memory.

    Args:
        masks: A mask of the first frame; a folder of PNGs, each with the name of its frame; or a dict of frame -> mask,
            where a frame is a number from 0 or a name. A mask is a PNG file, an index mask [H, W], :class:`Boxes` or
            :class:`Polygons`. A PNG file with the name of a frame is of that frame. 0 is background. 255 is unlabelled;
            a mask of 0 and 255 alone is black and white, its object has the id 1.
        frames: The video.
        resize: Resize masks of another size than their frames, to the nearest pixels, instead of refusing them.

    Attributes:
        indices: The annotated frames, ascending.
        paths: The files of the masks that are files.

    Raises:
        FileNotFoundError: There is no such file or folder.
        ValueError: There is no mask, a mask is of no frame, or two are of the same one.
    """

    def __init__(self, masks: Masks, frames: FrameSource, resize: bool = False) -> None:
        self.frames = frames
        self.resize = resize
        self._masks: Dict[int, Mask] = {}
        given_as: Dict[int, Union[int, str]] = {}
        for frame, mask in self._by_frame(masks).items():
            index = self._find_frame(frame)
            if index in given_as:
                raise ValueError(f'two masks are given for {frames.describe(index)}, as {given_as[index]!r} and as '
                                 f'{frame!r}; give one mask with all its objects')
            self._masks[index], given_as[index] = mask, frame
        if not self._masks:
            raise ValueError(f'no mask is given for the video {frames.name}')
        self.indices: List[int] = sorted(self._masks)
        self.paths = [Path(mask) for mask in self._masks.values() if isinstance(mask, (str, Path))]

    def read(self, index: int, size: Tuple[int, int]) -> Optional[np.ndarray]:
        """The mask of a frame.

        Args:
            index: The frame.
            size: Its (H, W).

        Returns:
            Index mask uint8 [H, W]; None if the frame is not annotated.

        Raises:
            FileNotFoundError: There is no such file.
            ValueError: The mask cannot be read, is a JPEG, is empty, or has another size.
        """
        if index not in self._masks:
            return None
        mask = self._masks[index]
        place = f'the mask of {self.frames.describe(index)}' + (f', {mask},' if isinstance(mask, (str, Path)) else '')
        if isinstance(mask, (Boxes, Polygons)):
            try:
                mask = mask.rasterise(size)
            except ValueError as error:
                raise ValueError(f'{self.frames.describe(index)}: {error}') from None
        else:
            mask = read_mask(mask) if isinstance(mask, (str, Path)) else _check_array(np.asarray(mask), place)
            mask = self._fit(mask, size, place)
        mask = _resolve_void(mask, place)
        if not mask.any():
            raise ValueError(f'{place} shows no object: all its pixels are background (0); the value of a pixel is the '
                             'id of its object')
        return mask

    def fingerprint(self, size: Tuple[int, int]) -> str:
        """Check all masks, for frames of a size (H, W), and make a text that is another one for other masks.

        Raises:
            FileNotFoundError: See :meth:`read`.
            ValueError: See :meth:`read`.
        """
        digest = hashlib.sha256()
        for index in self.indices:
            digest.update(f'{index}'.encode())
            digest.update(np.ascontiguousarray(self.read(index, size)))
        return f'{len(self.indices)} masks, {digest.hexdigest()[:16]}'

    def _by_frame(self, masks: Masks) -> Dict[Union[int, str], Mask]:
        if isinstance(masks, Mapping):
            return dict(masks)
        if isinstance(masks, (str, Path)):
            path = Path(masks)
            if path.is_dir():
                found = list_images(path)
                if not found:
                    raise ValueError(f'no masks in the folder {path}; they are PNGs named as their frames')
                return found
            check_mask_path(path)
            return {0 if self.frames.find_frame(path.stem) is None else path.stem: path}
        return {0: masks}

    def _find_frame(self, frame: Union[int, str]) -> int:
        index = self.frames.find_frame(frame) if isinstance(frame, str) else int(frame)
        number = self.frames.num_frames
        if index is None or index < 0 or (number is not None and index >= number):
            last = '' if number is None else f' to {self.frames.frame_name(number - 1)}'
            raise ValueError(f'a mask is given for the frame {frame!r}, which the video {self.frames.name} does not '
                             f'have; its frames are {self.frames.frame_name(0)}{last}')
        return index

    def _fit(self, mask: np.ndarray, size: Tuple[int, int], place: str) -> np.ndarray:
        if mask.shape == tuple(size):
            return mask
        if not self.resize:
            raise ValueError(f'{place} is {mask.shape[1]}x{mask.shape[0]} pixels, but the frame is '
                             f'{size[1]}x{size[0]}; give one of that size, or allow resizing (--resize, resize=True)')
        return cv2.resize(mask, tuple(size)[::-1], interpolation=cv2.INTER_NEAREST_EXACT)


def _check_array(mask: np.ndarray, place: str) -> np.ndarray:
    if mask.ndim != 2 or mask.dtype.kind not in 'bui' or mask.min(initial=0) < 0 or mask.max(initial=0) > 255:
        raise ValueError(f'{place} is {mask.dtype} {list(mask.shape)}; an index mask is [H, W], of whole numbers from '
                         '0 to 255')
    return mask.astype(np.uint8)


def _resolve_void(mask: np.ndarray, place: str) -> np.ndarray:
    """Make 255 background, or object 1 if there is nothing else."""
    counts = np.bincount(mask.ravel(), minlength=256)
    if counts[VOID_ID] and not counts[1:VOID_ID].any():
        return (mask == VOID_ID).astype(np.uint8)
    if np.count_nonzero(counts[1:VOID_ID]) > 16 and counts[VOID_ID] > counts[1:VOID_ID].sum():
        raise ValueError(f'{place} holds {np.count_nonzero(counts[1:])} grey levels, most of it white: it looks like a '
                         'black and white mask with soft edges; save it with hard edges, as 0 and 255')
    return np.where(mask == VOID_ID, 0, mask)
