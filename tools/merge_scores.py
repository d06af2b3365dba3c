"""Merge the saved scores of several runs into masks."""
import argparse
import os
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from tqdm import tqdm

from vosreg.evaluation.score_merging import list_frames, merge_scores
from vosreg.fileio import write_mask


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=f'{__doc__} The probabilities are averaged over the runs, which may differ in models, input sizes '
        'and flips, and each pixel goes to the most probable object.',
        epilog='example: python tools/merge_scores.py scores/480p scores/720p scores/720p-flip --out masks')
    parser.add_argument(
        'runs', metavar='RUN_DIR', nargs='+', type=Path, help='what tools/test.py --save-scores wrote')
    parser.add_argument('--out', metavar='DIR', type=Path, required=True, help='write the masks to DIR/VIDEO/FRAME.png')
    parser.add_argument('--workers', metavar='N', type=int, default=os.cpu_count(), help='processes (%(default)s)')
    return parser.parse_args()


def merge_frame(runs: list, frame: Path, out: Path) -> None:
    write_mask(out / frame.with_suffix('.png'), merge_scores([run / frame for run in runs]))


def main() -> None:
    args = parse_args()
    try:
        frames = list_frames(args.runs)
        number = len(frames)
        with ProcessPoolExecutor(args.workers) as pool:
            merged = pool.map(merge_frame, [args.runs] * number, frames, [args.out] * number, chunksize=8)
            for _ in tqdm(merged, total=number, unit='frame'):
                pass
    except (OSError, ValueError) as error:
        sys.exit(f'error: {error}')
    print(f'{number} masks of {len(args.runs)} runs are in {args.out}')


if __name__ == '__main__':
    main()
