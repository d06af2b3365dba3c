"""Reading frames and index masks, with errors that name the file."""
from io import BytesIO
from pathlib import Path
from typing import Optional, Sequence, Tuple, Union

import cv2
import numpy as np
from PIL import Image

from .atomic import atomic_path
from .palette import DAVIS_PALETTE

PathLike = Union[str, Path]
JPEG_START, JPEG_END = b'\xff\xd8\xff', b'\xff\xd9'


class UnreadableImageError(ValueError):
    """An image file is truncated or not an image."""


def read_image(path: PathLike) -> np.ndarray:
    """Read a frame.

    Args:
        path: An image file that OpenCV can decode.

    Returns:
        RGB uint8 [H, W, 3], upright as its EXIF orientation says.

    Raises:
        FileNotFoundError: There is no such file.
        UnreadableImageError: The file is truncated or not an image.
    """
    data = _read_bytes(path)
    image = _decode(data, cv2.IMREAD_COLOR)
    if image is None or (data[:3] == JPEG_START and not _jpeg_is_complete(data)):
        raise _unreadable(path, data)
    return cv2.cvtColor(image, cv2.COLOR_BGR2RGB)


def read_cutout(path: PathLike) -> np.ndarray:
    """Read a thing that is cut out of its picture.

    Args:
        path: A PNG or WebP file with an alpha channel.

    Returns:
        RGBA uint8 [H, W, 4].

    Raises:
        FileNotFoundError: There is no such file.
        UnreadableImageError: The file is truncated or not an image.
        ValueError: The image has no alpha channel or more than 8 bits a channel, or no pixel of it is half opaque.
    """
    data = _read_bytes(path)
    image = _decode(data, cv2.IMREAD_UNCHANGED)
    if image is None:
        raise _unreadable(path, data)
    channels = image.shape[2] if image.ndim == 3 else 1
    if channels != 4 or image.dtype != np.uint8:
        raise ValueError(f'{path} has {channels} channel{"s" * (channels > 1)} of {image.dtype}; a cut-out has 4 of '
                         'uint8, the last of them alpha')
    if image[..., 3].max() < 128:
        raise ValueError(f'no pixel of {path} is even half opaque')
    return cv2.cvtColor(image, cv2.COLOR_BGRA2RGBA)


def read_mask(path: PathLike, shape: Optional[Tuple[int, int]] = None, lossy: bool = False) -> np.ndarray:
    """Read an index mask: the value of a pixel is the id of its object, 0 is background.

    Palette and grey images are taken as they are on disk. A colour image whose channels agree is read as grey;
    other colour images carry no ids and are refused.

    Args:
        path: A PNG file.
        shape: (H, W) that the mask must have, that of its frame.
        lossy: Take a JPEG too, for masks of which only dark and bright count.

    Returns:
        uint8 [H, W], ids as on disk.

    Raises:
        FileNotFoundError: There is no such file.
        UnreadableImageError: The file is truncated or not an image.
        ValueError: The image is a JPEG, holds colours instead of ids or ids above 255, or its size is not ``shape``.
    """
    if not Path(path).is_file():
        raise FileNotFoundError(f'no such mask: {path}')
    try:
        with Image.open(path) as image:
            is_jpeg = image.format in ('JPEG', 'MPO')
            mask = _mask_values(image, path)
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise UnreadableImageError(f'cannot decode the mask {path}: {error}; copy or export the file again') from error
    if is_jpeg and not lossy:
        raise ValueError(f'the mask {path} is a JPEG, whose compression changes the ids of pixels; save it as a PNG '
                         'where it was made, since a converted JPEG keeps the wrong ids')
    if mask.ndim == 3:
        if not (mask[..., :3] == mask[..., :1]).all():
            raise ValueError(f'the mask {path} holds colours, not object ids; save it as a palette PNG '
                             '(mode P, the index of a pixel is the id of its object)')
        mask = mask[..., 0]
    if mask.max(initial=0) > 255:
        raise ValueError(f'the mask {path} holds the id {mask.max()}; ids go up to 255')
    if shape is not None and mask.shape != tuple(shape):
        raise ValueError(f'the mask {path} is {mask.shape[1]}x{mask.shape[0]} pixels, but its frame is '
                         f'{shape[1]}x{shape[0]}; masks must have the size of their frames')
    return mask.astype(np.uint8)


def write_mask(path: PathLike, mask: np.ndarray, palette: Sequence[int] = DAVIS_PALETTE) -> None:
    """Write an index mask as a palette PNG, atomically.

    Args:
        path: The PNG file to write; missing folders are made.
        mask: uint8 [H, W], ids as they should be on disk.
        palette: 768 numbers, R G B for each id.

    Raises:
        ValueError: The mask is of another type, and its values are not whole numbers from 0 to 255.
    """
    mask = np.asarray(mask)
    ids = np.ascontiguousarray(mask, np.uint8)
    if mask.dtype != np.uint8 and (ids != mask).any():
        raise ValueError(f'the mask for {path} is {mask.dtype} with values from {mask.min()} to {mask.max()}; ids are '
                         'whole numbers from 0 to 255')
    image = Image.fromarray(ids, mode='P')
    image.putpalette(list(palette))
    with atomic_path(path) as temporary:
        image.save(temporary, format='PNG')


def write_image(path: PathLike, image: np.ndarray) -> None:
    """Write an RGB uint8 [H, W, 3] image in the format of the suffix, atomically."""
    with atomic_path(path) as temporary:
        if not cv2.imwrite(str(temporary), cv2.cvtColor(image, cv2.COLOR_RGB2BGR)):
            raise OSError(f'OpenCV could not write {path}')


def _read_bytes(path: PathLike) -> bytes:
    if not Path(path).is_file():
        raise FileNotFoundError(f'no such image: {path}')
    return Path(path).read_bytes()


def _unreadable(path: PathLike, data: bytes) -> UnreadableImageError:
    return UnreadableImageError(f'cannot decode the image {path}: it is truncated or not an image ({len(data)} bytes); '
                                'copy or extract the file again')


def _decode(data: bytes, flags: int) -> Optional[np.ndarray]:
    try:
        return cv2.imdecode(np.frombuffer(data, np.uint8), flags) if data else None
    except cv2.error:  # The damaged header tells of a huge image.
        return None


def _mask_values(image: Image.Image, path: PathLike) -> np.ndarray:
    if image.mode not in ('LA', 'RGB', 'RGBA'):
        return np.array(image.convert('L') if image.mode == '1' else image)
    # Of 16 bits a channel Pillow keeps the upper 8, which are 0 for ids.
    mask = _decode(_read_bytes(path), cv2.IMREAD_UNCHANGED)
    if mask is None:
        raise ValueError('it is truncated')
    return mask


def _jpeg_is_complete(data: bytes) -> bool:
    # OpenCV fills the missing part of a truncated JPEG with grey and only prints a warning.
    if data.rstrip(b'\x00').endswith(JPEG_END):
        return True
    try:  # Cameras may append data of their own, so only decoding can tell.
        with Image.open(BytesIO(data)) as image:
            image.load()
    except OSError:
        return False
    return True
