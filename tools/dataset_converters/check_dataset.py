"""Check a data set on disk: read every frame and mask, count them, and name every file that is wrong.

Takes a folder (or several): DAVIS, YouTube-VOS, any tree of JPEGImages/VIDEO and Annotations/VIDEO, images beside
their masks, or a folder of such data sets; or a config, whose data sets are meant. Exits with 1 if anything is wrong.

Examples:
    python tools/dataset_converters/check_dataset.py data/DAVIS
    python tools/dataset_converters/check_dataset.py data/VOST --accept void id-gap
    python tools/dataset_converters/check_dataset.py data/OVIS/train --masks data/OVIS/masks/train
    python tools/dataset_converters/check_dataset.py stcn/stcn_resnet50_davis2017.py
"""
import argparse
import os
import sys
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Dict, List, Optional

import cv2
from mmengine.config import Config
from tqdm import tqdm

from vosreg.datasets import StaticImageDataset
from vosreg.datasets.inspection import KINDS, Report, find_images, find_videos, find_work
from vosreg.engine import expected_errors, load_config
from vosreg.registry import DATASETS


def check(unit) -> Report:
    """Check a video or a folder of images."""
    cv2.setNumThreads(1)
    return unit.check()


def searches_of(config: Config) -> List[tuple]:
    """What finds the data sets on disk that a config names: a function and its arguments for each.

    Raises:
        FileNotFoundError: The config names none.
    """
    loaders = [config.get(f'{split}_dataloader') for split in ('train', 'val', 'test')]
    parts = [part for loader in loaders if loader for part in loader.dataset.get('datasets', [loader.dataset])]
    searches = list(dict.fromkeys(filter(None, map(_search_of, parts))))
    if not searches:
        kinds = ', '.join(dict.fromkeys(part.type for part in parts))
        raise FileNotFoundError(f'{config.filename} names no data set on disk, only {kinds or "none"}')
    return searches


def _search_of(part: dict) -> Optional[tuple]:
    """A data set's, None if it has no files of which this tool knows."""
    masks_root = Path(part['masks_root']) if part.get('masks_root') else None
    if issubclass(DATASETS.get(part['type']), StaticImageDataset):
        return (find_images, Path(part['data_root']), masks_root, part.get('image_suffix', '.jpg'),
                part.get('mask_suffix', '.png'))
    if 'frames_root' in part:
        return find_videos, Path(part['frames_root']), masks_root
    return (find_work, Path(part['data_root'])) if 'data_root' in part else None


def format_table(reports: List[Report]) -> str:
    """A line a tree, and one for all."""
    trees: Dict[str, List[Report]] = {}
    for report in reports:
        trees.setdefault(report.tree, []).append(report)
    columns = ('videos', 'frames', 'masks', 'objects', 'findings')
    rows = [(tree, *(_total(parts, column) for column in columns)) for tree, parts in trees.items()]
    if len(rows) > 1:
        rows.append(('all', *(_total(reports, column) for column in columns)))
    width = max(len(row[0]) for row in rows)
    lines = [' ' * width + ''.join(f'{column:>10}' for column in columns)]
    lines += [f'{name:<{width}}' + ''.join(f'{number:10d}' for number in numbers) for name, *numbers in rows]
    return '\n'.join(lines)


def _total(reports: List[Report], column: str) -> int:
    values = [getattr(report, column) for report in reports]
    return sum(len(value) if isinstance(value, list) else value for value in values)


def parse_args() -> argparse.Namespace:
    kinds = '\n'.join(f'  {kind:<20}{meaning}' for kind, meaning in KINDS.items())
    parser = argparse.ArgumentParser(description=__doc__, epilog=f'kinds of findings:\n{kinds}',
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('sources', nargs='+', metavar='SOURCE',
                        help='folder of a data set, or of several, or a config')
    parser.add_argument('--masks', type=Path, metavar='FOLDER',
                        help='the masks, if SOURCE holds folders of frames: FOLDER/VIDEO/00000.png')
    parser.add_argument('--accept', nargs='+', choices=KINDS, default=[], metavar='KIND',
                        help='kinds of findings that are as they should be in this data set, such as void in VOST')
    parser.add_argument('--workers', type=int, default=os.cpu_count(), help='processes (default: %(default)s)')
    return parser.parse_args()


@expected_errors()
def main() -> None:
    args = parse_args()
    work, reports = [], []
    for source in args.sources:
        if source.endswith('.py'):
            searches = searches_of(load_config(source))
        else:
            searches = [(find_videos, Path(source), args.masks) if args.masks else (find_work, Path(source))]
        for find, *arguments in searches:
            units, tree_reports = find(*arguments)
            work += units
            reports += tree_reports
    with ProcessPoolExecutor(args.workers) as pool:
        reports += tqdm(pool.map(check, work, chunksize=4), total=len(work), unit='folder')
    for report in reports:
        report.findings = [finding for finding in report.findings if finding.kind not in args.accept]
    findings = sorted((finding for report in reports for finding in report.findings),
                      key=lambda finding: (finding.kind, str(finding.path)))
    for finding in findings:
        print(f'{finding.kind}: {finding.path}: {finding.message}')
    if findings:
        print()
    print(format_table(reports))
    if findings:
        numbers = Counter(finding.kind for finding in findings)
        sys.exit(f'{len(findings)} findings: ' + ', '.join(f'{number} {kind}' for kind, number in numbers.items()))


if __name__ == '__main__':
    main()
