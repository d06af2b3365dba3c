"""J and F of a folder of results, from the PNG files to the numbers of each object, three ways in one run.

* plain: as the official tool of DAVIS does it, in one process: the masks of each object as full frames, boundary maps
  of full frames, each dilated with a disk. Written here from the formulas.
* vos-benchmark: the package on PyPI, with one process and with several. It gives each process whole videos.
* vosreg: what ``tools/eval_masks.py`` does, with as many processes.

The results are made of annotations: each copy of a sequence is grown or shrunk and shifted in another way. Stops if the
ways disagree on the mean J or F of an object by more than 1e-9.
"""
import argparse
import os
import tempfile
import time
from pathlib import Path
from typing import Callable, Dict, Iterator, List, Sequence, Tuple

import cv2
import numpy as np
from PIL import Image
from skimage.morphology import disk
from vos_benchmark.benchmark import benchmark as vos_benchmark

from vosreg.evaluation.functional import summarize
from vosreg.evaluation.functional.frame import FrameScores
from vosreg.evaluation.mask_folders import pair_folders, score_pairs, summarize_pairs
from vosreg.fileio import read_mask, write_mask

# Sequence and enlargement. 480p is made of 240p, which keeps the shapes and doubles the boundaries.
CASES = {
    '240p, 7 objects': ('schoolgirls', 1),
    '480p, 7 objects': ('schoolgirls', 2),
    '480p, 1 object': ('bmx-trees', 2),
}
# What makes a result of an annotation: the morphology, the width of its square and the shift in pixels of 240p.
CHANGES = ((cv2.dilate, 3, (3, 1)), (cv2.erode, 5, (-2, 4)), (cv2.dilate, 1, (0, 2)), (cv2.erode, 3, (7, -3)))
TOLERANCE = 1e-9

Scores = Dict[str, Tuple[float, float]]  # 'SEQUENCE_ID' -> mean J and F


def write_copies(annotations: Path, scale: int, num_frames: int, results: Path, truths: Path) -> None:
    """Write a sequence once for each change: the annotations and what a model might have made of them."""
    for path in sorted(annotations.glob('*.png'))[:num_frames]:
        truth = cv2.resize(read_mask(path), None, fx=scale, fy=scale, interpolation=cv2.INTER_NEAREST)
        for copy, (morphology, width, shift) in enumerate(CHANGES):
            width = scale * (width - 1) + 1
            matrix = np.float32([[1, 0, scale * shift[0]], [0, 1, scale * shift[1]]])
            result = morphology(truth, np.ones((width, width), np.uint8))
            result = cv2.warpAffine(result, matrix, truth.shape[::-1], flags=cv2.INTER_NEAREST)
            write_mask(truths / str(copy) / path.name, truth)
            write_mask(results / str(copy) / path.name, result)


def plain(results: Path, truths: Path) -> Scores:
    """The plain way: all frames of a sequence, of each object, then one frame of one object after the other."""
    scores = {}
    for folder in sorted(truths.iterdir()):
        names = sorted(path.name for path in folder.iterdir())
        truth = plain_masks([folder / name for name in names])
        result = plain_masks([results / folder.name / name for name in names])
        num_objects = int(truth[0].max())
        truth, result = (np.stack([masks == i for i in range(1, num_objects + 1)]) for masks in (truth, result))
        scores[folder.name] = [
            FrameScores(*np.array([plain_object(result[i, t], truth[i, t]) for i in range(num_objects)]).T)
            for t in range(1, len(names) - 1)
        ]
    return means(summarize(scores))


def plain_masks(paths: Sequence[Path]) -> np.ndarray:
    """Index masks in an array of NumPy's default type, [T, H, W]."""
    return np.array([np.array(Image.open(path)) for path in paths], float)


def plain_object(result: np.ndarray, truth: np.ndarray) -> Tuple[float, float]:
    """J and F of one object, bool [H, W], by the formulas."""
    union = np.sum(result | truth)
    region = np.sum(result & truth) / union if union else 1.0
    radius = np.ceil(0.008 * np.linalg.norm(truth.shape))
    result, truth = plain_boundary(result), plain_boundary(truth)
    near_result, near_truth = (cv2.dilate(edge.astype(np.uint8), disk(radius)) > 0 for edge in (result, truth))
    if not result.any() or not truth.any():
        return region, float(result.any() == truth.any())
    precision = np.sum(result & near_truth) / np.sum(result)
    recall = np.sum(truth & near_result) / np.sum(truth)
    return region, 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def plain_boundary(mask: np.ndarray) -> np.ndarray:
    """Pixels that differ from the right, lower or lower right neighbour, bool [H, W]."""
    right, below, diagonal = (np.zeros_like(mask) for _ in range(3))
    right[:, :-1], below[:-1], diagonal[:-1, :-1] = mask[:, 1:], mask[1:], mask[1:, 1:]
    boundary = (mask ^ right) | (mask ^ below) | (mask ^ diagonal)
    boundary[-1], boundary[:, -1] = mask[-1] ^ right[-1], mask[:, -1] ^ below[:, -1]
    boundary[-1, -1] = False
    return boundary


def package(results: Path, truths: Path, num_processes: int) -> Scores:
    """vos-benchmark; its numbers are in percent."""
    videos = vos_benchmark([str(truths)], [str(results)], num_processes=num_processes, verbose=False)[3][0]
    return {f'{name}_{object_id}': (region[object_id] / 100, boundary[object_id] / 100)
            for name, (region, boundary) in videos.items() for object_id in region}


def ours(results: Path, truths: Path, num_processes: int) -> Scores:
    """vosreg."""
    pairs = pair_folders(results, truths)
    return means(summarize_pairs(pairs, list(score_pairs(pairs, num_processes))))


def means(summary: Dict[str, Dict]) -> Scores:
    return {name: (metrics['J-Mean'], metrics['F-Mean']) for name, metrics in summary['objects'].items()}


def ways(num_processes: int) -> Dict[str, Callable[[Path, Path], Scores]]:
    """Name -> how J and F are computed; the plain way comes first."""
    found: Dict[str, Callable[[Path, Path], Scores]] = {'plain, 1 process': plain}
    for number in sorted({1, num_processes}):
        label = f'{number} process' + 'es' * (number > 1)
        found[f'vos-benchmark, {label}'] = lambda *folders, number=number: package(*folders, number)
        found[f'vosreg, {label}'] = lambda *folders, number=number: ours(*folders, number)
    return found


def largest_difference(scores: Sequence[Scores]) -> float:
    """Over all objects and ways, from the first way. Raises KeyError if a way lacks an object."""
    return max(np.abs(np.subtract(other[name], value)).max() for other in scores for name, value in scores[0].items())


def measure(results: Path, truths: Path, num_processes: int, rounds: int) -> Iterator[str]:
    """Time all ways in turn, so that they meet the same load of the machine; yield the lines of the table.

    Raises:
        RuntimeError: The ways disagree.
    """
    seconds: Dict[str, List[float]] = {name: [] for name in ways(num_processes)}
    for _ in range(rounds):
        scores = []
        for name, way in ways(num_processes).items():
            start = time.perf_counter()
            scores.append(way(results, truths))
            seconds[name].append(time.perf_counter() - start)
        difference = largest_difference(scores)
        if not difference < TOLERANCE:
            raise RuntimeError(f'the ways disagree by {difference:.1e} on the J or F of an object')
    medians = {name: float(np.median(values)) for name, values in seconds.items()}
    slowest = next(iter(medians.values()))
    for name, value in medians.items():
        yield f'  {name:<28}{value:8.2f} s   {slowest / value:6.1f} times as fast as plain'
    for number in sorted({1, num_processes}):
        name = next(name for name in medians if name.startswith(f'vosreg, {number} '))
        ratio = medians[name.replace('vosreg', 'vos-benchmark')] / medians[name]
        yield f'  {name} against vos-benchmark: {ratio:.1f} times as fast'
    yield f'  largest difference of the J or F of an object: {difference:.1e}'


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--clips', type=Path, default=os.environ.get('VOSREG_CLIPS'),
                        help='folder that holds DAVIS/Annotations/480p; by default $VOSREG_CLIPS')
    parser.add_argument('--num-frames', type=int, default=40, help='of each sequence (default: %(default)s)')
    parser.add_argument('--processes', type=int, default=2, help='default: %(default)s')
    parser.add_argument('--rounds', type=int, default=3, help='of which the median counts (default: %(default)s)')
    args = parser.parse_args()
    if not args.clips:
        parser.error('set VOSREG_CLIPS or --clips to the folder that holds DAVIS')
    cv2.setNumThreads(1)  # As many threads as the ways have processes.
    for label, (sequence, scale) in CASES.items():
        with tempfile.TemporaryDirectory() as folder:
            results, truths = Path(folder, 'results'), Path(folder, 'truths')
            write_copies(args.clips / 'DAVIS/Annotations/480p' / sequence, scale, args.num_frames, results, truths)
            height, width = read_mask(next(truths.glob('*/*.png'))).shape
            print(f'{label} ({sequence}, {width}x{height}): {len(CHANGES)} results of {args.num_frames} frames')
            for line in measure(results, truths, args.processes, args.rounds):
                print(line, flush=True)


if __name__ == '__main__':
    main()
