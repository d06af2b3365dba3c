"""Masks from the saved scores of several runs: other models, sizes or flips."""
from pathlib import Path
from typing import List, Sequence

import numpy as np

from vosreg.fileio import read_scores


def list_frames(runs: Sequence[Path]) -> List[Path]:
    """The frames of which several runs have saved scores.

    Args:
        runs: Folders of scores, ``RUN/VIDEO/FRAME.npz``; a video may lie in a folder, as those of BURST do.

    Returns:
        ``VIDEO/FRAME.npz``, in order.

    Raises:
        FileNotFoundError: A run is no folder or has no scores, or lacks a frame that another one has.
    """
    frames = []
    for run in runs:
        frames.append({path.relative_to(run) for path in run.glob('*/**/*.npz') if path.name[0] != '.'})
        if not frames[-1]:
            raise FileNotFoundError(f'there are no scores in {run}: it should hold VIDEO/FRAME.npz, as tools/test.py '
                                    '--save-scores writes them')
    everything = set().union(*frames)
    for run, present in zip(runs, frames):
        missing = sorted(everything - present)
        if missing:
            raise FileNotFoundError(f'{run} lacks the scores of {len(missing)} frames that other runs have, the first '
                                    f'is frame {missing[0].stem!r} of the video {missing[0].parent.as_posix()!r}')
    return sorted(everything)


def merge_scores(paths: Sequence[Path]) -> np.ndarray:
    """The mask by the mean of several scores of one frame.

    Args:
        paths: The files.

    Returns:
        Index mask, uint8 [H, W]. At equal scores background goes before objects and lower ids before higher ones.

    Raises:
        ValueError: A file is damaged, or the sizes or the objects differ.
    """
    total, object_ids = read_scores(paths[0])
    total = total.astype(np.uint32)
    for path in paths[1:]:
        scores, ids = read_scores(path)
        if scores.shape[1:] != total.shape[1:]:
            raise ValueError(f'{path} is {scores.shape[2]}x{scores.shape[1]} pixels, but {paths[0]} is '
                             f'{total.shape[2]}x{total.shape[1]}; runs are merged at the size of the frames on disk')
        if ids != object_ids:
            raise ValueError(f'{path} has the objects {list(ids)}, but {paths[0]} has {list(object_ids)}; are they of '
                             'the same data set?')
        total += scores
    return np.array([0, *object_ids], np.uint8)[total.argmax(0)]
