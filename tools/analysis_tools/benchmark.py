"""Measure the speed and the peak memory of a model on the test videos of a config.

Example:
    python tools/analysis_tools/benchmark.py stcn/stcn_resnet50_davis2017.py work_dirs/stcn/iter_150000.pth
"""
import argparse
import resource
import sys
import time
from typing import Iterable, List, NamedTuple

import numpy as np
import torch
from mmengine.config import DictAction
from mmengine.device import get_device
from mmengine.runner import Runner
from torch import nn

from vosreg.engine import build_for_inference, expected_errors, load_config, require
from vosreg.engine.checkpoints import allow_code


class FrameTime(NamedTuple):
    """Seconds that a frame took: from reading it to its mask, and in the model alone."""
    whole: float
    model: float


def measure(model: nn.Module, batches: Iterable[dict], max_frames: int) -> List[FrameTime]:
    """Run the model over the frames in their order.

    Args:
        model: The model.
        batches: What the data loader gives, a frame each.
        max_frames: Stop after so many.

    Returns:
        The time of each frame.
    """
    times, start = [], time.perf_counter()
    for batch in batches:
        loaded = time.perf_counter()
        with torch.no_grad():
            model.test_step(batch)  # Its masks come to the CPU, so it waits for the GPU.
        end = time.perf_counter()
        times.append(FrameTime(end - start, end - loaded))
        if len(times) == max_frames:
            break
        start = time.perf_counter()
    return times


def peak_megabytes(device: str) -> float:
    """The most memory so far: what tensors took on the GPU, else the whole process."""
    if device.startswith('cuda'):
        return torch.cuda.max_memory_allocated(device) / 2**20
    unit = 1 if sys.platform == 'darwin' else 2**10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 2**20


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('config', help='a config file, or one that comes with vosreg by its path inside configs/')
    parser.add_argument('checkpoint', nargs='?', help='file, URL or zoo://NAME; without one the weights are random')
    parser.add_argument('--device', default=get_device(), help='default: %(default)s')
    parser.add_argument('--warmup', type=int, default=5, help='first frames that do not count (%(default)s)')
    parser.add_argument('--max-frames', type=int, default=200, help='frames to run, the first included (%(default)s)')
    parser.add_argument('--cfg-options', nargs='+', action=DictAction, metavar='KEY=VALUE', help='change the config')
    parser.add_argument(
        '--trust-checkpoint', action='store_true', help='let a checkpoint run the code that it holds')
    args = parser.parse_args()
    if args.max_frames <= args.warmup:
        parser.error(f'--max-frames {args.max_frames} leaves nothing after --warmup {args.warmup}')
    return args


@expected_errors()
def main() -> None:
    args = parse_args()
    allow_code(args.trust_checkpoint)
    config = load_config(args.config, args.cfg_options)
    require(config, 'test_dataloader')
    model = build_for_inference(config, args.checkpoint).to(args.device)
    times = measure(model, Runner.build_dataloader(config.test_dataloader), args.max_frames)
    counted = np.array(times[args.warmup:])
    if not len(counted):
        raise SystemExit(f'error: the videos have {len(times)} frames, of which none is left after --warmup '
                         f'{args.warmup}')
    whole, alone = counted.T
    print(f'{len(counted)} frames after {args.warmup} to warm up, on {args.device}')
    print(f'model:        {1 / alone.mean():8.2f} frames/s; a frame takes {1000 * np.median(alone):.1f} ms (median), '
          f'{1000 * alone.max():.1f} ms at most')
    print(f'with loading: {1 / whole.mean():8.2f} frames/s')
    print(f'peak memory:  {peak_megabytes(args.device):8.0f} MiB'
          + ('' if args.device.startswith('cuda') else ' (whole process)'))


if __name__ == '__main__':
    main()
