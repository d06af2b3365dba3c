"""The scores of a data set as a table, as JSON and as CSV."""
import csv
import json
from pathlib import Path
from typing import Dict, Sequence, Union

from vosreg.fileio import atomic_path

from .functional import METRIC_NAMES, OBJECT_METRIC_NAMES

PathLike = Union[str, Path]


def format_table(summary: Dict[str, Dict]) -> str:
    """A table in percent: a line an object, then the global numbers.

    Args:
        summary: What :func:`~vosreg.evaluation.functional.summarize` returns.

    Returns:
        Lines of text.
    """
    rows = {**summary['objects'], 'global': summary['global']}
    width = max(len(name) for name in rows)
    lines = [' ' * width + ''.join(f'{name:>10}' for name in METRIC_NAMES)]
    for name, metrics in rows.items():
        metrics = {'J&F-Mean': (metrics['J-Mean'] + metrics['F-Mean']) / 2, **metrics}
        lines.append(f'{name:<{width}}' + ''.join(f'{100 * metrics[column]:10.2f}' for column in METRIC_NAMES))
    return '\n'.join(lines)


def write_json(path: PathLike, summary: Dict[str, Dict]) -> None:
    """Write the summary as it is, fractions in full precision."""
    with atomic_path(path) as temporary:
        temporary.write_text(json.dumps(summary, indent=2, allow_nan=False) + '\n', encoding='utf-8')


def write_csv(folder: PathLike, summary: Dict[str, Dict]) -> None:
    """Write ``global_results.csv`` and ``per-sequence_results.csv`` (a line an object), fractions in full precision."""
    write_rows(Path(folder) / 'global_results.csv', METRIC_NAMES,
               [[summary['global'][name] for name in METRIC_NAMES]])
    write_rows(
        Path(folder) / 'per-sequence_results.csv', ('Sequence', *OBJECT_METRIC_NAMES),
        [[name, *(metrics[column] for column in OBJECT_METRIC_NAMES)] for name, metrics in summary['objects'].items()])


def write_rows(path: Path, header: Sequence[str], rows: Sequence[Sequence]) -> None:
    """Write a CSV file."""
    with atomic_path(path) as temporary, temporary.open('w', newline='', encoding='utf-8') as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(rows)
