"""Tables and figures of what run.py measured: means over seeds, and differences to the arm without the losses.

A difference is taken between runs of the same seed, which saw the same batches; its spread is the standard deviation
over the seeds.
"""
import argparse
import json
from collections import defaultdict
from pathlib import Path
from statistics import mean, stdev
from typing import Callable, Dict, List, Optional

from clip_sets import CLIP_SETS, REAL_CLIPS
from studies import ARMS, STUDIES

BASELINE = 'none'
Results = Dict[str, Dict[str, Dict[int, dict]]]  # Study -> arm -> seed -> what run.py wrote.


def read_results(out: Path) -> Results:
    """Read all scores below a folder, in the order of the studies and arms."""
    results: Results = defaultdict(lambda: defaultdict(dict))
    for path in out.glob('*/*/seed_*/scores.json'):
        run = json.loads(path.read_text(encoding='utf-8'))
        results[run['study']][run['arm']][run['seed']] = run
    return {study: {arm: dict(sorted(results[study][arm].items())) for arm in ARMS if arm in results[study]}
            for study in STUDIES if study in results}


def score(run: dict, metric: str, clip_set: str) -> Optional[float]:
    """A metric in percent on a clip set, or for ``'real'`` its mean over the real clips; None if there is none."""
    names = REAL_CLIPS if clip_set == 'real' else (clip_set, )
    values = [run['scores'].get(name, {}).get(metric) for name in names]
    return None if None in values else 100 * mean(values)


def _columns() -> Dict[str, Callable[[dict], Optional[float]]]:
    wanted = [('J&F', 'davis/J&F-Mean', (*CLIP_SETS, 'real'))]
    wanted += [(name, f'match/{name}', ('synthetic', 'real')) for name in ('object-mass', 'object-top1')]
    wanted += [(name, f'match/{name}', ('synthetic', )) for name in ('flow-1', 'flow-2')]
    columns = {f'{title} {clip_set}': lambda run, metric=metric, clip_set=clip_set: score(run, metric, clip_set)
               for title, metric, clip_sets in wanted for clip_set in clip_sets}
    return {**columns, 'step (ms)': lambda run: 1000 * run['step_seconds']}


COLUMNS = _columns()


def cell(runs: Dict[int, dict], baseline: Dict[int, dict], column: Callable[[dict], Optional[float]]) -> str:
    """Mean over seeds, and the paired difference to the baseline: ``61.2 (+1.3 ± 0.4)``.

    Args:
        runs: The arm's runs by seed.
        baseline: The baseline's runs by seed; empty for no difference.
        column: The value of a run.
    """
    values = {seed: column(run) for seed, run in runs.items()}
    if not values or None in values.values():
        return '–'
    text = f'{mean(values.values()):.1f}'
    differences = [value - column(baseline[seed]) for seed, value in values.items() if seed in baseline]
    if differences:
        spread = f' ± {stdev(differences):.1f}' if len(differences) > 1 else ''
        text += f' ({mean(differences):+.1f}{spread})'
    return text


def table(arms: Dict[str, Dict[int, dict]]) -> str:
    """A study as a Markdown table, an arm a row; n is the number of seeds, and of pairs if not each has its pair."""
    lines = [' | '.join(['arm', 'n', *COLUMNS]), ' | '.join(['---'] * (2 + len(COLUMNS)))]
    for arm, runs in arms.items():
        baseline = {} if arm == BASELINE else arms.get(BASELINE, {})
        pairs = len(runs.keys() & baseline.keys())
        number = f'{len(runs)} ({pairs} pairs)' if baseline and pairs < len(runs) else str(len(runs))
        lines.append(' | '.join([arm, number, *(cell(runs, baseline, column) for column in COLUMNS.values())]))
    return '\n'.join(f'| {line} |' for line in lines)


def draw_few_labels(results: Results, path: Path) -> None:
    """Draw the common arms against the number of labelled videos: lines of means, bands of a standard deviation."""
    from matplotlib import pyplot

    studies = {study: str(STUDIES[study].labelled) for study in results if study.startswith('few-labels-')}
    studies.update({study: 'all' for study in results if study == 'all'})
    panels = ('J&F synthetic', 'J&F real', 'object-mass synthetic', 'object-mass real')
    figure, axes = pyplot.subplots(1, len(panels), figsize=(4 * len(panels), 3.5), layout='constrained')
    for axis, panel in zip(axes, panels):
        for arm in ('none', 'pixel', 'object', 'both'):
            drawn = {}
            for study, label in studies.items():
                values = [COLUMNS[panel](run) for run in results[study].get(arm, {}).values()]
                if values and None not in values:
                    drawn[label] = mean(values), stdev(values) if len(values) > 1 else 0
            if drawn:
                means, spreads = zip(*drawn.values())
                axis.plot(list(drawn), means, marker='o', label=arm)
                axis.fill_between(list(drawn), [m - s for m, s in zip(means, spreads)],
                                  [m + s for m, s in zip(means, spreads)], alpha=0.2)
        axis.set(title=panel, xlabel='labelled videos')
    axes[0].legend()
    figure.savefig(path, dpi=120)


def draw_losses(out: Path, results: Results, path: Path) -> None:
    """Draw the mean of the mask losses over the training, a panel a study and a line an arm."""
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(
        1, len(results), figsize=(4 * len(results), 3.5), squeeze=False, layout='constrained')
    for axis, (study, arms) in zip(axes[0], results.items()):
        for arm, runs in arms.items():
            losses: Dict[int, List[float]] = defaultdict(list)
            for seed in runs:
                for line in _logged(out / study / arm / f'seed_{seed}'):
                    losses[line['step']].append(sum(
                        value for name, value in line.items()
                        if name.startswith('loss_') and not name.startswith(('loss_pixel', 'loss_object'))))
            axis.plot(sorted(losses), [mean(losses[step]) for step in sorted(losses)], label=arm)
        axis.set(title=study, xlabel='iteration', ylabel='mask losses', yscale='log')
        axis.legend()
    figure.savefig(path, dpi=120)


def _logged(folder: Path) -> List[dict]:
    """What MMEngine logged in training, over all sessions of a run."""
    lines = [line for file in sorted(folder.glob('*/vis_data/scalars.json')) for line in file.read_text().splitlines()]
    return [line for line in map(json.loads, lines) if 'loss' in line]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('out', type=Path, nargs='?', default=Path('work_dirs/correspondence'),
                        help='what experiment.py wrote (default: %(default)s)')
    parser.add_argument('--figure', type=Path, metavar='FILE.png', help='draw the few-labels studies')
    parser.add_argument('--losses', type=Path, metavar='FILE.png', help='draw the mask losses during training')
    args = parser.parse_args()
    results = read_results(args.out)
    for study, arms in results.items():
        print(f'### {study}\n\n{STUDIES[study].question}\n\n{table(arms)}\n')
    if args.figure:
        draw_few_labels(results, args.figure)
    if args.losses:
        draw_losses(args.out, results, args.losses)


if __name__ == '__main__':
    main()
