"""COCO's compressed run lengths of binary masks, in plain Python, as pycocotools reads and writes them."""
from typing import Dict, List

import numpy as np


def encode_mask(mask: np.ndarray) -> Dict:
    """Encode a binary mask.

    The lengths of the runs of 0 and 1 in turn, 0 first, going down the columns from left to right. From the fourth on,
    each is written as its difference from the one two before, in groups of five bits, the lowest first, as the
    characters from ``0``; the sixth bit of a character says that another group follows.

    Args:
        mask: Bool [H, W].

    Returns:
        ``size``, [H, W], and ``counts``, ASCII text.
    """
    pixels = np.concatenate([[False], mask.ravel(order='F'), [not mask[-1, -1]]])
    ends = np.flatnonzero(pixels[1:] != pixels[:-1])
    lengths = np.diff(ends, prepend=0).tolist()
    characters: List[str] = []
    for index, length in enumerate(lengths):
        number = length - lengths[index - 2] if index > 2 else length
        more = True
        while more:
            bits = number & 31
            number >>= 5
            # The fifth bit is the sign of what has been written.
            more = number != (-1 if bits & 16 else 0)
            characters.append(chr(48 + (bits | 32 * more)))
    return dict(size=list(mask.shape), counts=''.join(characters))


def decode_mask(encoded: Dict) -> np.ndarray:
    """Decode what :func:`encode_mask` or pycocotools wrote.

    Args:
        encoded: ``size`` and ``counts``.

    Returns:
        Bool [H, W].

    Raises:
        ValueError: The run lengths do not add up to the size.
    """
    lengths: List[int] = []
    number = shift = 0
    for character in encoded['counts']:
        bits = ord(character) - 48
        number |= (bits & 31) << shift
        shift += 5
        if not bits & 32:
            if bits & 16:
                number -= 1 << shift
            lengths.append(number + lengths[-2] if len(lengths) > 2 else number)
            number = shift = 0
    height, width = encoded['size']
    if sum(lengths) != height * width or min(lengths, default=0) < 0:
        raise ValueError(f'run lengths of {sum(lengths)} pixels are no mask of {width}x{height} pixels')
    values = np.arange(len(lengths)) % 2 == 1
    return values.repeat(lengths).reshape(height, width, order='F')
