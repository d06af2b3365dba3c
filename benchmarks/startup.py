"""How long vosreg takes to start: imports, against those of torch and MMEngine, and the help of the commands.

Each is a process of its own, all of them in turn.
"""
import argparse
import statistics
import subprocess
import sys
import time
from pathlib import Path

TOOLS = Path(__file__).resolve().parents[1] / 'tools'
CONFIG = 'stcn/stcn_efficientnet-lite0_synthetic.py'
BUILD = ('from vosreg.engine import load_config; from vosreg.registry import MODELS; '
         f'MODELS.build(load_config({CONFIG!r}).model)')
COMMANDS = {
    'nothing': ('-c', ''),
    'import torch': ('-c', 'import torch'),
    'import mmengine.runner': ('-c', 'import mmengine.runner'),
    'import vosreg': ('-c', 'import vosreg'),
    'import torch, vosreg': ('-c', 'import torch, vosreg'),
    'build a model of a config': ('-c', BUILD),
    'tools/train.py --help': (str(TOOLS / 'train.py'), '--help'),
    'tools/test.py --help': (str(TOOLS / 'test.py'), '--help'),
    'tools/eval_masks.py --help': (str(TOOLS / 'eval_masks.py'), '--help'),
}


def seconds(arguments: tuple) -> float:
    """How long a Python process takes."""
    start = time.perf_counter()
    subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--rounds', type=int, default=5, help='of which the median counts (default: %(default)s)')
    args = parser.parse_args()
    for command in COMMANDS.values():  # What is on disk but not yet in memory does not count.
        seconds(command)
    rounds = [{name: seconds(command) for name, command in COMMANDS.items()} for _ in range(args.rounds)]
    medians = {name: statistics.median(times[name] for times in rounds) for name in COMMANDS}
    for name, value in medians.items():
        print(f'{name:<28}{value:6.2f} s')
    print(f'import vosreg adds {medians["import torch, vosreg"] - medians["import torch"]:.2f} s to import torch')


if __name__ == '__main__':
    main()
