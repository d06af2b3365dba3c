"""Train, evaluate and draw a small model without a data set: what `make quickstart` runs.

The model is trained on rendered clips, then segments rendered videos that it has not seen, beside the baseline that
copies the first mask. An interrupted run goes on where it stopped.
"""
import argparse
import csv
import subprocess
import sys
from pathlib import Path
from typing import Dict

import numpy as np

from vosreg.engine.checkpoints import latest_checkpoint
from vosreg.fileio import read_image, write_image

TOOLS = Path(__file__).resolve().parent
CONFIG = 'stcn/stcn_efficientnet-lite0_synthetic.py'
BASELINE = 'baselines/copy-first-mask_synthetic.py'
COLUMNS = ('J&F-Mean', 'J-Mean', 'F-Mean')


def run(tool: str, *arguments) -> None:
    """Run one of the tools and stop if it fails."""
    subprocess.run([sys.executable, str(TOOLS / tool), *map(str, arguments)], check=True)


def evaluate(config: str, folder: Path, *arguments) -> Dict[str, float]:
    """Test a config and read the global results that its metric writes."""
    run('test.py', config, *arguments, '--work-dir', folder, '--cfg-options', f'test_evaluator.csv_dir={folder}')
    with (folder / 'global_results.csv').open(newline='') as file:
        return {name: float(value) for name, value in next(csv.DictReader(file)).items()}


def print_table(results: Dict[str, Dict[str, float]]) -> None:
    """Print the results in percent, a line a method."""
    width = max(map(len, results))
    print(f'\n{"":{width}}' + ''.join(f'{name.removesuffix("-Mean"):>8}' for name in COLUMNS))
    for method, values in results.items():
        print(f'{method:{width}}' + ''.join(f'{100 * values[name]:8.1f}' for name in COLUMNS))


def write_contact_sheet(drawings: Path, target: Path, num_videos: int = 4, num_frames: int = 5) -> None:
    """Put evenly spaced frames of the first videos into one picture, a row a video."""
    rows = []
    for video in sorted(path for path in drawings.iterdir() if path.is_dir())[:num_videos]:
        frames = sorted(video.glob('*.jpg'))
        chosen = np.linspace(0, len(frames) - 1, num_frames).round().astype(int)
        rows.append(np.hstack([read_image(frames[i]) for i in chosen]))
    write_image(target, np.vstack(rows))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--work-dir', type=Path, default=Path('work_dirs/quickstart'),
                        help='where everything goes (default: %(default)s)')
    args = parser.parse_args()

    run('train.py', CONFIG, '--work-dir', args.work_dir, '--resume')
    checkpoint = latest_checkpoint(args.work_dir)
    drawings = args.work_dir / 'overlays'
    results = {
        'copy the first mask': evaluate(BASELINE, args.work_dir / 'baseline'),
        'STCN, small': evaluate(CONFIG, args.work_dir / 'test', checkpoint, '--show-dir', drawings),
    }
    write_contact_sheet(drawings, args.work_dir / 'results.jpg')
    print_table(results)
    print(f'\nCheckpoint:     {checkpoint}')
    print(f'Overlay videos: {sorted(drawings.glob("*.mp4"))[0]} and others beside it')
    print(f'Some frames:    {args.work_dir / "results.jpg"}')


if __name__ == '__main__':
    main()
