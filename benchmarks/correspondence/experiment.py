"""Run studies of the correspondence losses: every arm with every seed, each run in a process of its own.

Runs that are finished are skipped and interrupted ones go on, so the same command continues an experiment. The runs go
seed by seed: what is there when it is cut off can be compared. report.py shows the results.

example: python benchmarks/correspondence/experiment.py all few-labels --seeds 0 1 2
"""
import argparse
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from fnmatch import filter as matching
from pathlib import Path
from typing import Dict, List, NamedTuple, Sequence

from run import run_folder, scores_path
from studies import ARMS, COMMON_ARMS, STUDIES


class Run(NamedTuple):
    """An arm of a study with a seed."""
    study: str
    arm: str
    seed: int

    def __str__(self) -> str:
        return f'{self.study} / {self.arm} / seed {self.seed}'


def find_studies(name: str) -> List[str]:
    """The study of this name, or all whose names begin with it: ``few-labels`` means ``few-labels-10`` and so on.

    Raises:
        argparse.ArgumentTypeError: There is none.
    """
    found = [study for study in STUDIES if study == name or study.startswith(f'{name}-')]
    if not found:
        raise argparse.ArgumentTypeError(f'no study {name!r}; there are {", ".join(STUDIES)}')
    return found


def find_arms(pattern: str) -> List[str]:
    """The arms of this name or pattern, such as ``'pixel*'``.

    Raises:
        argparse.ArgumentTypeError: There is none.
    """
    found = matching(ARMS, pattern)
    if not found:
        raise argparse.ArgumentTypeError(f'no arm {pattern!r}; there are {", ".join(ARMS)}')
    return found


def plan_runs(studies: Sequence[str], arms: Sequence[str], seeds: Sequence[int]) -> List[Run]:
    """All runs, each once, seed by seed."""
    return list(dict.fromkeys(Run(study, arm, seed) for seed in seeds for study in studies for arm in arms))


def execute(run: Run, args: argparse.Namespace) -> int:
    """Start run.py and wait for it; it writes into ``log.txt`` of the run's folder.

    Returns:
        Its exit status.
    """
    folder = run_folder(args.out, *run)
    folder.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, Path(__file__).with_name('run.py'), '--study', run.study, '--arm', run.arm,
               '--seed', run.seed, '--out', args.out, '--workers', args.workers]
    for option in ('clips', 'iterations', 'cache'):
        if getattr(args, option) is not None:
            command += [f'--{option}', getattr(args, option)]
    environment = dict(os.environ, OMP_NUM_THREADS='1') if args.jobs > 1 else None
    with (folder / 'log.txt').open('a') as log:
        return subprocess.run(
            list(map(str, command)), env=environment, stdout=log, stderr=subprocess.STDOUT, check=False).returncode


def execute_all(runs: Sequence[Run], args: argparse.Namespace) -> List[Run]:
    """Execute runs, at most ``args.jobs`` at a time, with a line for each that has finished.

    Returns:
        The runs that failed.
    """
    start, failed = time.monotonic(), []
    with ThreadPoolExecutor(args.jobs) as pool:
        pending: Dict = {pool.submit(execute, run, args): run for run in runs}
        try:
            for number, future in enumerate(as_completed(pending), 1):
                run, status = pending[future], future.result()
                if status:
                    failed.append(run)
                minutes = (time.monotonic() - start) / 60
                outcome = f': FAILED with exit status {status}' if status else ''
                print(f'[{number}/{len(runs)}, {minutes:.1f} min] {run}{outcome}', flush=True)
        except KeyboardInterrupt:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return failed


def print_studies() -> None:
    """List the studies with their questions, and the arms with their settings."""
    width = max(map(len, [*STUDIES, *ARMS])) + 2
    print('studies')
    for name, study in STUDIES.items():
        print(f'  {name:{width}}{study.question}')
    print('arms; each with losses also as NAME-ramp, with the ramp of the full schedules')
    for name, losses in ARMS.items():
        if name.endswith('-ramp'):
            continue
        settings = ', '.join(
            f'{loss}({", ".join(f"{key}={value}" for key, value in arguments.items())})'
            for loss, arguments in losses.items())
        print(f'  {name:{width}}{settings}')


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('studies', nargs='*', type=find_studies, metavar='STUDY',
                        help='a study, or the words with which the names of several begin')
    parser.add_argument('--list', action='store_true', help='show the studies and the arms, and stop')
    parser.add_argument('--arms', nargs='+', type=find_arms, default=[COMMON_ARMS], metavar='ARM',
                        help=f"names or patterns such as 'pixel*' (default: {' '.join(COMMON_ARMS)})")
    parser.add_argument('--seeds', nargs='+', type=int, default=[0, 1, 2], help='default: 0 1 2')
    parser.add_argument('--jobs', type=int, default=1, help='runs at the same time (default: %(default)s)')
    parser.add_argument('--out', type=Path, default=Path('work_dirs/correspondence'), help='default: %(default)s')
    parser.add_argument('--clips', type=Path, help='see run.py')
    parser.add_argument('--iterations', type=int, help="length of the schedule (default: the study's); runs in --out "
                        'that finished with another one are not repeated')
    parser.add_argument('--workers', type=int, help='processes of a run that make batches (default: cores / jobs)')
    parser.add_argument('--cache', type=Path, help='see run.py; saves much time on a GPU, and takes 2.5 GB a seed and '
                        'more; delete it afterwards')
    args = parser.parse_args()
    if args.workers is None:
        args.workers = max(1, os.cpu_count() // args.jobs)
    if not (args.studies or args.list):
        parser.error('which study? --list shows them')
    if args.studies and not (args.clips or os.environ.get('VOSREG_CLIPS')):
        parser.error('where are the real clips? Give --clips, or set VOSREG_CLIPS')
    return args


def main() -> None:
    args = parse_args()
    if args.list:
        print_studies()
        return
    runs = plan_runs(sum(args.studies, []), [arm for arms in args.arms for arm in arms], args.seeds)
    unfinished = [run for run in runs if not scores_path(run_folder(args.out, *run)).exists()]
    print(f'{len(runs)} runs, of which {len(runs) - len(unfinished)} are finished', flush=True)
    failed = execute_all(unfinished, args)
    if failed:
        sys.exit('failed:\n' + '\n'.join(f'  {run}: see {run_folder(args.out, *run) / "log.txt"}' for run in failed))


if __name__ == '__main__':
    main()
