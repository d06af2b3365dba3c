"""Plot what trainings logged, several runs in one figure, and print the last and the best values.

Example:
    python tools/analysis_tools/analyze_logs.py work_dirs/stcn work_dirs/stcn_pixel --keys loss 'davis/J&F-Mean'
"""
import argparse
import json
from pathlib import Path
from typing import Dict, List

import numpy as np
from matplotlib.figure import Figure

from vosreg.fileio import atomic_path

Curve = Dict[int, float]
COUNTERS = ('step', 'iter', 'epoch')
TIMES = ('time', 'data_time')  # Those of a validation are not those of an iteration.


def read_run(path: Path) -> Dict[str, Curve]:
    """The curves of a run: what was logged at which iteration.

    Args:
        path: A work dir, whose starts are joined (what a resumed training did again counts), or one ``scalars.json``.

    Raises:
        FileNotFoundError: There is no log, or the file is none.
    """
    files = [path] if path.is_file() else sorted(path.glob('*/vis_data/scalars.json'))
    if not files:
        raise FileNotFoundError(f'{path} is neither a scalars.json nor a work dir with TIME/vis_data/scalars.json')
    curves: Dict[str, Curve] = {}
    for file in files:
        step = 0
        for line in file.read_text(errors='replace').splitlines():
            try:
                record = json.loads(line)
            except json.JSONDecodeError:
                break  # The last line of a training that was killed.
            # A validation is logged with its epoch, which is 0 in a training by iterations: it is of the last one.
            step = record.get('iter', step)
            ignored = COUNTERS if 'iter' in record else COUNTERS + TIMES
            for key, value in record.items():
                if key not in ignored and isinstance(value, (int, float)):
                    curves.setdefault(key, {})[step] = value
    if path.is_file() and not curves:
        raise FileNotFoundError(f'{path} is not a scalars.json: it holds nothing that a training logged')
    return curves


def default_keys(runs: Dict[str, Dict[str, Curve]]) -> List[str]:
    """The loss and the scores of validations."""
    logged = sorted({key for curves in runs.values() for key in curves})
    return [key for key in logged if key == 'loss' or key.endswith(('J&F-Mean', '/G'))]


def smoothed(values: np.ndarray, window: int) -> np.ndarray:
    """The mean of each value and up to ``window - 1`` before it."""
    sums = np.concatenate([[0], values.cumsum()])
    ends = np.arange(1, len(values) + 1)
    starts = np.maximum(0, ends - window)
    return (sums[ends] - sums[starts]) / (ends - starts)


def draw(runs: Dict[str, Dict[str, Curve]], keys: List[str], window: int) -> Figure:
    """A panel for each key with a line for each run that logged it."""
    figure = Figure(figsize=(8, 3.5 * len(keys)), layout='constrained')
    for i, key in enumerate(keys):
        axes = figure.add_subplot(len(keys), 1, i + 1)
        for name, curves in runs.items():
            if key in curves:
                steps = sorted(curves[key])
                values = np.array([curves[key][step] for step in steps])
                axes.plot(steps, smoothed(values, window), marker='.' if len(steps) < 30 else None, label=name)
        axes.set_ylabel(key)
        axes.grid(alpha=0.3)
        axes.legend()
    axes.set_xlabel('iteration')
    return figure


def print_table(runs: Dict[str, Dict[str, Curve]], keys: List[str]) -> None:
    """Print the last value of each run, the least and the greatest."""
    width = max(map(len, [*runs, *keys]))
    for key in keys:
        print(f'\n{key:{width}}{"last":>12}{"at":>8}{"least":>12}{"at":>8}{"greatest":>12}{"at":>8}')
        for name, curves in runs.items():
            curve = curves.get(key)
            if curve:
                steps = (max(curve), min(curve, key=curve.get), max(curve, key=curve.get))
                print(f'{name:{width}}' + ''.join(f'{curve[step]:12.4g}{step:8}' for step in steps))


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('runs', nargs='+', type=Path, metavar='RUN', help='work dir, or a scalars.json inside one')
    parser.add_argument('--keys', nargs='+', metavar='KEY', help='what to plot; by default the loss and the scores')
    parser.add_argument('--legend', nargs='+', metavar='NAME', help='a name for each run; by default its folder')
    parser.add_argument('--smooth', type=int, default=1, metavar='N', help='draw means of N values (%(default)s)')
    parser.add_argument('--out', default='curves.png', help='the figure (%(default)s)')
    args = parser.parse_args()
    if args.legend and len(args.legend) != len(args.runs):
        parser.error(f'--legend has {len(args.legend)} names for {len(args.runs)} runs')
    return args


def main() -> None:
    args = parse_args()
    names = args.legend or [path.name if path.is_dir() else str(path) for path in args.runs]
    if len(set(names)) < len(names):
        names = [str(path) for path in args.runs]
    try:
        runs = {name: read_run(path) for name, path in zip(names, args.runs)}
    except FileNotFoundError as error:
        raise SystemExit(f'error: {error}') from error
    keys = args.keys or default_keys(runs)
    for key in keys:
        if not any(key in curves for curves in runs.values()):
            logged = sorted({key for curves in runs.values() for key in curves})
            raise SystemExit(f'error: no run logged {key}; logged are {", ".join(logged)}')
    if not keys:
        raise SystemExit('error: no run logged a loss or a score; name what to plot by --keys')
    print_table(runs, keys)
    with atomic_path(args.out) as temporary:
        draw(runs, keys, args.smooth).savefig(temporary)
    print(f'\nwrote {args.out}')


if __name__ == '__main__':
    main()
