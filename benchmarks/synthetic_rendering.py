"""Whether SyntheticVOS keeps a training step fed: time to make a batch against time to train on it, in one run."""
import argparse
import time
from pathlib import Path
from typing import Callable

import torch
from mmengine.config import Config
from mmengine.registry import init_default_scope
from mmengine.runner import Runner

from vosreg.engine import AutocastOptimWrapper
from vosreg.registry import MODELS

CONFIG = Path(__file__).parents[1] / 'configs' / 'stcn' / 'stcn_efficientnet-lite0_synthetic.py'


def seconds_a_call(call: Callable[[], object], number: int, warm_up: int = 3) -> float:
    """Mean time of a call."""
    for _ in range(warm_up):
        call()
    start = time.perf_counter()
    for _ in range(number):
        call()
    return (time.perf_counter() - start) / number


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--batches', type=int, default=30, help='batches to time (default: %(default)s)')
    args = parser.parse_args()
    init_default_scope('vosreg')
    config = Config.fromfile(CONFIG)
    loader = config.train_dataloader
    frames = 3 * loader.batch_size

    seconds = {}
    for num_workers in (0, loader.num_workers):
        loader.update(num_workers=num_workers, persistent_workers=num_workers > 0)
        batches = iter(Runner.build_dataloader(loader, seed=0))
        seconds[num_workers] = seconds_a_call(lambda batches=batches: next(batches), args.batches)
        batch = next(batches)
        where = f'{num_workers} workers' if num_workers else 'main process'
        print(f'render, {where:>12}: {1000 * seconds[num_workers]:6.1f} ms a batch of {loader.batch_size} clips, '
              f'{frames / seconds[num_workers]:6.1f} frames a second')

    model = MODELS.build(config.model)
    parameters = [parameter for parameter in model.parameters() if parameter.requires_grad]
    wrapper = AutocastOptimWrapper(optimizer=torch.optim.AdamW(parameters, lr=0))
    step = seconds_a_call(lambda: model.train_step(batch, wrapper), args.batches // 3)
    print(f'training step        : {1000 * step:6.1f} ms')
    ratio = step / seconds[loader.num_workers]
    print(f'A step takes {ratio:.1f} times as long as its batch takes {loader.num_workers} workers.')


if __name__ == '__main__':
    main()
