"""Score folders of predicted masks by the semi-supervised protocol of DAVIS, without a model."""
import argparse
import os
import sys
from pathlib import Path
from typing import List

from tqdm import tqdm

from vosreg.evaluation.mask_folders import pair_folders, score_pairs, summarize_pairs
from vosreg.evaluation.report import format_table, write_csv, write_json
from vosreg.fileio import read_names


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=f'{__doc__} Both folders hold index masks as DIR/SEQUENCE/00000.png. The objects of a '
        'sequence are 1 to the highest id of its first mask. The first and the last frame are not '
        'scored; 255 in GT_DIR is background. Prints a table in percent.',
        epilog='example: python tools/eval_masks.py results/ DAVIS/Annotations/480p --out-json scores.json')
    parser.add_argument('prediction_dir', metavar='PRED_DIR', type=Path, help='the predicted masks')
    parser.add_argument('truth_dir', metavar='GT_DIR', type=Path, help='the annotations')
    parser.add_argument(
        '--sequences',
        metavar='FILE',
        type=_read_sequences,
        help='text file with the sequences to score, one a line, such as ImageSets/2017/val.txt; by default every '
        'folder of GT_DIR')
    parser.add_argument(
        '--out-json',
        metavar='FILE',
        type=Path,
        help='write J&F, J and F (mean, recall, decay) globally and for each object, as fractions')
    parser.add_argument(
        '--out-csv',
        metavar='DIR',
        type=Path,
        help='write global_results.csv and per-sequence_results.csv there, as fractions')
    parser.add_argument(
        '--workers', metavar='N', type=_positive, default=os.cpu_count(), help='processes (default: %(default)s)')
    parser.add_argument(
        '--binary', action='store_true', help='score all objects as one, as DAVIS 2016 does; any id above 0 counts')
    return parser.parse_args()


def main() -> None:
    args = parse_args()
    try:
        pairs = pair_folders(args.prediction_dir, args.truth_dir, args.binary, args.sequences)
        scores = list(tqdm(score_pairs(pairs, args.workers), total=len(pairs), unit='frame'))
    except (OSError, ValueError) as error:
        sys.exit(f'error: {error}')
    summary = summarize_pairs(pairs, scores)
    print(format_table(summary))
    if args.out_json:
        write_json(args.out_json, summary)
    if args.out_csv:
        write_csv(args.out_csv, summary)


def _read_sequences(path: str) -> List[str]:
    try:
        return read_names(path)
    except (OSError, ValueError) as error:
        raise argparse.ArgumentTypeError(f'cannot read {path}: {error}') from error


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f'{number} is not a positive number')
    return number


if __name__ == '__main__':
    main()
