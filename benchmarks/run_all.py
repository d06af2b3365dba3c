"""Run the benchmarks of this folder one after the other with their short settings; print their tables and write them.

The clips of DAVIS and YouTube-VOS that some of them need lie in the folder that the variable VOSREG_CLIPS names. A
benchmark that fails does not stop the others, but makes the exit status 1. The experiment on the correspondence losses
is no part of it: it takes hours.
"""
import argparse
import os
import platform
import subprocess
import sys
import time
from pathlib import Path
from typing import List, Optional, Sequence, TextIO, Tuple

import torch

from vosreg.fileio import atomic_path

FOLDER = Path(__file__).resolve().parent
DAVIS, YOUTUBE_VOS = '{clips}/DAVIS', '{clips}/YouTubeVOS/valid'
SCHOOLGIRLS = (f'{DAVIS}/JPEGImages/480p/schoolgirls', f'{DAVIS}/Annotations/480p/schoolgirls/00000.png')
SMALL_CONFIGS = ('correspondence/stcn_efficientnet-lite0_synthetic_pixel-object.py',
                 'xmem/xmem_efficientnet-lite0_synthetic_pixel-object.py')
XMEM, SMALL_XMEM = 'xmem/xmem_resnet50_davis2017.py', 'xmem/xmem_efficientnet-lite0_synthetic.py'
MANY_OBJECTS = (f'{YOUTUBE_VOS}/JPEGImages/1001_3iEIq5HBY1s',
                f'{YOUTUBE_VOS}/Annotations/1001_3iEIq5HBY1s/00002058.png')
BENCHMARKS: Sequence[Tuple[str, Sequence[str]]] = (
    ('startup', ('--rounds', '3')),
    ('evaluation', ('--clips', '{clips}')),
    ('data_loading', ()),
    ('synthetic_rendering', ()),
    ('training_iteration', (*SMALL_CONFIGS, '--rounds', '1')),
    ('memory_read', (DAVIS, )),
    ('inference', (DAVIS, '--objects', '3', '7', '--num-frames', '11')),
    ('inference', (DAVIS, '--config', XMEM, '--heights', '240', '--objects', '3', '--num-frames', '11')),
    ('inference', (DAVIS, '--config', SMALL_XMEM, '--heights', '240', '--objects', '3', '--num-frames', '28')),
    ('inference_profile', (DAVIS, '--heights', '480', '--objects', '3', '--num-frames', '6')),
    ('many_objects', (*MANY_OBJECTS, '--num-frames', '2', '--chunks', '1', '8')),
    ('long_video', (*SCHOOLGIRLS, '--num-frames', '400', '--window', '100', '--height', '120', '--out', os.devnull)),
)
"""Scripts and their arguments, in the order of running."""


def run(name: str, arguments: Sequence[str], clips: str, out: TextIO) -> bool:
    """Run a benchmark, copy what it prints, and tell whether it succeeded."""
    command = [sys.executable, str(FOLDER / f'{name}.py'), *(part.format(clips=clips) for part in arguments)]
    start = time.perf_counter()
    tell(f'\n## {name}.py\n', out)
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        for line in process.stdout:
            tell(line.rstrip('\n'), out)
    result = 'done' if process.returncode == 0 else f'FAILED with status {process.returncode}'
    tell(f'({result} after {time.perf_counter() - start:.0f} s)', out)
    return process.returncode == 0


def tell(line: str, out: TextIO) -> None:
    print(line, flush=True)
    out.write(f'{line}\n')


def machine() -> str:
    """What the numbers were measured on."""
    names = [line.partition(':')[2].strip() for line in cpu_lines() if line.startswith('model name')]
    return (f'{os.cpu_count()} x {names[0] if names else platform.processor() or platform.machine()}, '
            f'{"GPU " + torch.cuda.get_device_name() if torch.cuda.is_available() else "no GPU"}, '
            f'Python {platform.python_version()}, PyTorch {torch.__version__}')


def cpu_lines() -> List[str]:
    path = Path('/proc/cpuinfo')  # Linux only.
    return path.read_text(encoding='utf-8').splitlines() if path.is_file() else []


def check_clips(clips: Optional[str]) -> None:
    """Stop if there are no clips."""
    if not clips:
        raise SystemExit('error: VOSREG_CLIPS is not set; it names the folder with the clips of the benchmarks, which '
                         'holds DAVIS and YouTubeVOS')
    needed = {Path(part.format(clips=clips)) for _, parts in BENCHMARKS for part in parts if '{clips}' in part}
    missing = sorted(str(path) for path in needed if not path.exists())
    if missing:
        raise SystemExit(f'error: VOSREG_CLIPS is {clips}, but there is no {missing[0]}')


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    known = list(dict(BENCHMARKS))
    parser.add_argument('names', nargs='*', metavar='NAME', help=f'by default all: {", ".join(known)}')
    parser.add_argument('--out', type=Path, default=Path('benchmarks.txt'), help='default: %(default)s')
    args = parser.parse_args()
    unknown = sorted(set(args.names) - set(known))
    if unknown:
        parser.error(f'there is no benchmark {unknown[0]}; known are {", ".join(known)}')
    clips = os.environ.get('VOSREG_CLIPS')
    check_clips(clips)
    start = time.perf_counter()
    with atomic_path(args.out) as temporary, temporary.open('w', encoding='utf-8') as out:
        tell(machine(), out)
        failed = [name for name, arguments in BENCHMARKS
                  if name in (args.names or known) and not run(name, arguments, clips, out)]
        tell(f'\nAll of it took {(time.perf_counter() - start) / 60:.1f} minutes.', out)
    print(f'The tables are in {args.out}')
    if failed:
        raise SystemExit(f'error: failed: {", ".join(failed)}')


if __name__ == '__main__':
    main()
