"""Probabilities of a frame in 8 bits, to be merged with those of other runs."""
import zipfile
import zlib
from pathlib import Path
from typing import Sequence, Tuple, Union

import numpy as np

from .atomic import atomic_path

PathLike = Union[str, Path]


def write_scores(path: PathLike, scores: np.ndarray, object_ids: Sequence[int]) -> None:
    """Write the probabilities of a frame, compressed and atomically.

    Args:
        path: The npz file to write; missing folders are made.
        scores: Probabilities of background and N objects, float [N + 1, H, W]; kept to 1/255.
        object_ids: The N ids, in the order of the scores.
    """
    order = np.argsort(object_ids)
    quantised = np.rint(scores[[0, *(order + 1)]] * 255).astype(np.uint8)
    with atomic_path(path) as temporary:
        np.savez_compressed(temporary, scores=quantised, object_ids=np.array(object_ids, np.int64)[order])


def read_scores(path: PathLike) -> Tuple[np.ndarray, Tuple[int, ...]]:
    """Read what :func:`write_scores` wrote.

    Returns:
        uint8 [N + 1, H, W], background first, and the N ids, ascending.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: The file is damaged or holds something else.
    """
    try:
        with np.load(path) as arrays:
            scores, object_ids = arrays['scores'], tuple(arrays['object_ids'].tolist())
    except (EOFError, KeyError, ValueError, zipfile.BadZipFile, zlib.error) as error:
        raise ValueError(f'{path} holds no scores that can be read ({error}); save them again') from error
    if scores.ndim != 3 or len(scores) != len(object_ids) + 1:
        raise ValueError(f'{path} holds scores {list(scores.shape)} of {len(object_ids)} objects, not one map for the '
                         'background and one for each object; save them again')
    return scores, object_ids
