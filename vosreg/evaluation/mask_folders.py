"""Scoring folders of index masks in the DAVIS tree, ``FOLDER/SEQUENCE/00000.png``, without a model."""
from concurrent.futures import ProcessPoolExecutor
from itertools import groupby
from pathlib import Path
from typing import Dict, Iterator, List, NamedTuple, Optional, Sequence, Tuple

import cv2

from vosreg.fileio import natural_key, object_ids, read_mask

from .functional import FrameScores, merge_objects, score_frame, summarize


class FramePair(NamedTuple):
    """A frame to score.

    Attributes:
        sequence: Name of the sequence.
        prediction: File of the predicted mask.
        truth: File of the annotation.
        object_ids: The ids in the sequence's first annotation.
        binary: Score all objects as one, as DAVIS 2016 does.
    """
    sequence: str
    prediction: Path
    truth: Path
    object_ids: Tuple[int, ...]
    binary: bool


def pair_folders(prediction_folder: Path,
                 truth_folder: Path,
                 binary: bool = False,
                 sequences: Optional[Sequence[str]] = None) -> List[FramePair]:
    """List the frames to score: those of every sequence of the truth but its first and its last.

    Args:
        prediction_folder: Predicted masks, ``SEQUENCE/00000.png``.
        truth_folder: Annotations, likewise.
        binary: Score all objects as one, as DAVIS 2016 does.
        sequences: The sequences to score, by default all folders of the truth but hidden ones.

    Returns:
        The pairs, ordered by sequence and frame.

    Raises:
        FileNotFoundError: A folder is missing, holds no masks, or the prediction lacks a sequence or a frame.
        ValueError: A sequence has fewer than three frames.
    """
    for folder in (prediction_folder, truth_folder):
        if not folder.is_dir():
            raise FileNotFoundError(f'no such folder: {folder}')
    pairs = []
    if sequences is None:
        sequences = [path.name for path in truth_folder.iterdir() if path.is_dir() and path.name[0] != '.']
    for sequence in sorted(set(sequences)):
        truths = _list_masks(truth_folder / sequence)
        if len(truths) < 3:
            raise ValueError(f'the sequence {truth_folder / sequence} has {len(truths)} annotations (PNG files); the '
                             'first and the last frame are not scored, so it needs at least three')
        predictions = [prediction_folder / sequence / truth.name for truth in truths]
        _check_exist(sequence, predictions)
        first_mask = read_mask(truths[0])
        first_ids = object_ids(merge_objects(first_mask) if binary else first_mask)
        pairs += [
            FramePair(sequence, prediction, truth, first_ids, binary)
            for prediction, truth in list(zip(predictions, truths))[1:-1]
        ]
    if not pairs:
        raise FileNotFoundError(f'{truth_folder} holds no sequences; give the folder whose subfolders are the '
                                'sequences, for example DAVIS/Annotations/480p')
    return pairs


def score_pair(pair: FramePair) -> FrameScores:
    """Read and score one frame.

    Raises:
        ValueError: A mask is unreadable, has another size than its annotation, or holds an unknown object.
    """
    prediction, truth = read_mask(pair.prediction), read_mask(pair.truth)
    if pair.binary:
        prediction, truth = merge_objects(prediction), merge_objects(truth)
    where = (f'sequence {pair.sequence!r}, frame {pair.truth.stem!r} '
             f'(prediction {pair.prediction}, annotation {pair.truth})')
    return score_frame(prediction, truth, pair.object_ids, where)


def score_pairs(pairs: Sequence[FramePair], num_workers: int) -> Iterator[FrameScores]:
    """Read and score frames in processes of their own.

    Args:
        pairs: The frames.
        num_workers: How many processes; they share the frames, not the sequences, so a single long one keeps all busy.

    Yields:
        The scores of the frames, in their order.

    Raises:
        ValueError: See :func:`score_pair`.
    """
    # Every worker is busy with its own frames, so OpenCV must not start threads beside it. Here, too: a fork of a
    # process in which OpenCV has threads would wait for them for ever.
    num_threads = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        with ProcessPoolExecutor(num_workers, initializer=cv2.setNumThreads, initargs=(1, )) as pool:
            yield from pool.map(score_pair, pairs, chunksize=8)
    finally:
        cv2.setNumThreads(num_threads)


def summarize_pairs(pairs: Sequence[FramePair], scores: Sequence[FrameScores]) -> Dict[str, Dict]:
    """Put the scores of the pairs together, see :func:`~vosreg.evaluation.functional.summarize`."""
    by_sequence = groupby(zip(pairs, scores), key=lambda item: item[0].sequence)
    return summarize({sequence: [scores for _, scores in frames] for sequence, frames in by_sequence})


def _list_masks(folder: Path) -> List[Path]:
    masks = [path for path in folder.glob('*.png') if path.name[0] != '.']
    return sorted(masks, key=lambda path: natural_key(path.stem))


def _check_exist(sequence: str, predictions: List[Path]) -> None:
    folder = predictions[0].parent
    if not folder.is_dir():
        raise FileNotFoundError(f'no predictions for the sequence {sequence!r}: there is no folder {folder}')
    missing = [path.name for path in predictions if not path.is_file()]
    if missing:
        raise FileNotFoundError(f'{len(missing)} of {len(predictions)} predicted masks of the sequence {sequence!r} '
                                f'are missing in {folder}, the first is {missing[0]}')
