"""Tables and figures of what run.py measured: means over seeds, and differences to the arm without the losses.

A difference is taken between runs of the same seed, which saw the same batches; its spread is the standard deviation
over the seeds. results.jsonl beside this file holds the runs that the documentation shows.

example: python benchmarks/correspondence/report.py benchmarks/correspondence/results.jsonl --differences figure.png
"""
import argparse
import json
from collections import defaultdict
from pathlib import Path
from statistics import mean, stdev
from typing import Callable, Dict, List, Optional

import numpy as np
from clip_sets import CLIP_SETS, DAVIS_CLIPS, REAL_CLIPS
from studies import ARMS, STUDIES

from vosreg.fileio import atomic_path

BASELINE = 'none'
# Whose mean is a column too.
GROUPS = dict(DAVIS=DAVIS_CLIPS, real=REAL_CLIPS)
# Of the five frames of caps with ground truth only the first is a memory frame: the match precision there would be that
# of the few pixels that a model happens to match to it, other ones for each model.
MATCH_SETS = tuple(name for name in CLIP_SETS if name != 'caps')
Results = Dict[str, Dict[str, Dict[int, dict]]]  # Study -> arm -> seed -> what run.py wrote.


def read_results(out: Path) -> Results:
    """Read all scores below a folder or in a file with a run a line, in the order of the studies and arms."""
    results: Results = defaultdict(lambda: defaultdict(dict))
    texts = out.read_text(encoding='utf-8').splitlines() if out.is_file() else [
        path.read_text(encoding='utf-8') for path in out.glob('*/*/seed_*/scores.json')]
    for run in map(json.loads, texts):
        results[run['study']][run['arm']][run['seed']] = run
    return {study: {arm: dict(sorted(results[study][arm].items())) for arm in ARMS if arm in results[study]}
            for study in STUDIES if study in results}


def write_results(path: Path, results: Results) -> None:
    """Write all runs into one file, a line each."""
    runs = [run for arms in results.values() for seeds in arms.values() for run in seeds.values()]
    with atomic_path(path) as temporary:
        temporary.write_text(''.join(json.dumps(run) + '\n' for run in runs), encoding='utf-8')


def score(run: dict, metric: str, clip_set: str) -> Optional[float]:
    """A metric in percent on a clip set, or its mean over a group of them; None if there is none."""
    names = GROUPS.get(clip_set, (clip_set, ))
    values = [run['scores'].get(name, {}).get(metric) for name in names]
    return None if None in values else 100 * mean(values)


def _columns() -> Dict[str, Callable[[dict], Optional[float]]]:
    wanted = [
        ('J&F', 'davis/J&F-Mean', (*CLIP_SETS, *GROUPS)),
        ('object-mass', 'match/object-mass', (*MATCH_SETS, 'DAVIS')),
        ('object-top1', 'match/object-top1', ('synthetic', 'DAVIS')),
        ('flow-1', 'match/flow-1', ('synthetic', )),
        ('flow-2', 'match/flow-2', ('synthetic', )),
    ]
    return {f'{title} {clip_set}': lambda run, metric=metric, clip_set=clip_set: score(run, metric, clip_set)
            for title, metric, clip_sets in wanted for clip_set in clip_sets}


COLUMNS = _columns()


def paired_differences(runs: Dict[int, dict], baseline: Dict[int, dict],
                       column: Callable[[dict], Optional[float]]) -> List[float]:
    """A column's differences to the baseline of the same seed, where both runs have a value."""
    pairs = [(column(run), column(baseline[seed])) for seed, run in runs.items() if seed in baseline]
    return [value - reference for value, reference in pairs if None not in (value, reference)]


def cell(runs: Dict[int, dict], baseline: Dict[int, dict], column: Callable[[dict], Optional[float]]) -> str:
    """Mean over seeds, and the paired difference to the baseline: ``61.2 (+1.3 ± 0.4)``.

    Args:
        runs: The arm's runs by seed.
        baseline: The baseline's runs by seed; empty for no difference.
        column: The value of a run.
    """
    values = [column(run) for run in runs.values()]
    if not values or None in values:
        return '–'
    text = f'{mean(values):.1f}'
    differences = paired_differences(runs, baseline, column)
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
    panels = ('J&F synthetic', 'J&F DAVIS', 'object-mass synthetic', 'object-mass DAVIS')
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


def draw_differences(results: Results, path: Path) -> None:
    """Draw the difference to the baseline of each seed, a panel a study and metric: dots, and a line at their mean.

    Studies with a single seed, which has no spread, are left out.
    """
    from matplotlib import pyplot

    results = {study: arms for study, arms in results.items() if len(arms.get(BASELINE, ())) > 1}
    metrics = {'J&F': (*CLIP_SETS, *GROUPS), 'object-mass': (*MATCH_SETS, 'DAVIS')}
    figure, axes = pyplot.subplots(
        len(results), len(metrics), figsize=(6 * len(metrics), 3 * len(results)), squeeze=False, layout='constrained')
    for row, (study, arms) in zip(axes, results.items()):
        for axis, (title, names) in zip(row, metrics.items()):
            shown = [arm for arm in arms if arm != BASELINE]
            for place, arm in enumerate(shown):
                colour = f'C{place}'
                for x, name in enumerate(names):
                    differences = paired_differences(arms[arm], arms[BASELINE], COLUMNS[f'{title} {name}'])
                    left = x + 0.8 * (place + 0.5) / len(shown) - 0.4
                    axis.plot([left] * len(differences), differences, 'o', color=colour, alpha=0.6, markersize=4)
                    middle = mean(differences) if differences else np.nan
                    axis.hlines(middle, left - 0.1, left + 0.1, color=colour, label=None if x else arm)
            axis.axhline(0, color='grey', linewidth=0.8)
            axis.set(title=f'{study}: {title}', ylabel=f'points above {BASELINE}')
            axis.set_xticks(range(len(names)), names, fontsize='small')
            axis.legend(fontsize='small')
    figure.savefig(path, dpi=100)


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
    parser.add_argument('--differences', type=Path, metavar='FILE.png', help='draw the differences of all seeds')
    parser.add_argument('--losses', type=Path, metavar='FILE.png', help='draw the mask losses during training')
    parser.add_argument('--export', type=Path, metavar='FILE.jsonl', help='write all runs into one file')
    args = parser.parse_args()
    results = read_results(args.out)
    for study, arms in results.items():
        print(f'### {study}\n\n{STUDIES[study].question}\n\n{table(arms)}\n')
    if args.figure:
        draw_few_labels(results, args.figure)
    if args.differences:
        draw_differences(results, args.differences)
    if args.export:
        write_results(args.export, results)
    if args.losses:
        draw_losses(args.out, results, args.losses)


if __name__ == '__main__':
    main()
