"""Results as the servers of benchmarks take them: a zip file of index masks in which nothing is missing."""
from pathlib import Path
from typing import Iterator, Sequence, Union
from zipfile import ZipFile

import numpy as np
from PIL import Image

from vosreg.fileio import atomic_path, read_mask
from vosreg.structures import WantedResults

PathLike = Union[str, Path]
NUM_SHOWN = 20


class IncompleteSubmissionError(ValueError):
    """Masks are missing, or are not what a benchmark wants."""


def write_submission(path: PathLike, folder: PathLike, wanted: Sequence[WantedResults], root: str = '') -> int:
    """Check the masks of a data set and put those that are wanted into a zip file, atomically.

    Args:
        path: The zip file to write.
        folder: The masks, palette or grey PNG files ``folder/VIDEO/FRAME.png``; others in it are left out.
        wanted: What the benchmark wants, see :meth:`vosreg.datasets.VideoDataset.wanted_results`.
        root: Folder in the zip file that holds the videos, ``Annotations`` for YouTube-VOS; none for DAVIS.

    Returns:
        The number of masks.

    Raises:
        IncompleteSubmissionError: Masks are missing, unreadable, of another size than their frames, or hold unknown
            ids. The message names them, and nothing is written.
    """
    problems = [problem for video in wanted for problem in find_problems(Path(folder), video)]
    if problems:
        shown = '\n'.join(f'  {problem}' for problem in problems[:NUM_SHOWN])
        rest = f'\n  and {len(problems) - NUM_SHOWN} more' if len(problems) > NUM_SHOWN else ''
        raise IncompleteSubmissionError(f'no submission was made of {folder}:\n{shown}{rest}')
    names = [f'{video.video}/{frame}.png' for video in wanted for frame in video.frames]
    # PNG files are compressed already. ZIP has no dates before 1980, which files from some archives have.
    with atomic_path(path) as temporary, ZipFile(temporary, 'w', strict_timestamps=False) as archive:
        for name in names:
            archive.write(Path(folder, name), Path(root, name).as_posix())
    return len(names)


def find_problems(folder: Path, wanted: WantedResults) -> Iterator[str]:
    """What is wrong with the masks of a video, a line each.

    Args:
        folder: The masks, ``folder/VIDEO/FRAME.png``.
        wanted: What the benchmark wants of the video.

    Yields:
        The problems; those of missing frames come as one.
    """
    missing = [frame for frame in wanted.frames if not (folder / wanted.video / f'{frame}.png').is_file()]
    if len(missing) == len(wanted.frames):
        yield f'video {wanted.video!r}: no mask in {folder / wanted.video}, {len(missing)} are wanted'
        return
    if missing:
        yield (f'video {wanted.video!r}: {len(missing)} of {len(wanted.frames)} masks are missing in '
               f'{folder / wanted.video}: {", ".join(missing[:NUM_SHOWN])}{", ..." if missing[NUM_SHOWN:] else ""}')
    for frame in sorted(set(wanted.frames) - set(missing)):
        path = folder / wanted.video / f'{frame}.png'
        try:
            _check_mask(path, wanted)
        except ValueError as error:
            yield f'video {wanted.video!r}, frame {frame!r}: {error}'


def _check_mask(path: Path, wanted: WantedResults) -> None:
    mask = read_mask(path, wanted.shape)
    with Image.open(path) as image:
        if image.format != 'PNG' or image.mode not in ('P', 'L'):
            raise ValueError(f'{path} is a {image.format} file of mode {image.mode}; servers take PNG files of mode P '
                             '(palette) or L (grey), the value of a pixel is the id of its object')
    unknown = sorted(set(np.unique(mask).tolist()) - {0, *wanted.object_ids})
    if unknown:
        raise ValueError(f'the mask {path} holds object {unknown[0]}, but the video has only '
                         f'{", ".join(map(str, wanted.object_ids))}')
