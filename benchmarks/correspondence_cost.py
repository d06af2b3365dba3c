"""What a correspondence loss costs in training: time of an iteration and memory, with and without, in one run."""
import argparse
import statistics
import time
from typing import Dict

import torch
from mmengine.config import Config
from mmengine.device import get_device
from mmengine.model import BaseModel
from mmengine.optim import OptimWrapper, build_optim_wrapper
from mmengine.registry import init_default_scope
from mmengine.runner import Runner

from vosreg.engine import load_config
from vosreg.registry import MODELS

DEFAULT_CONFIG = 'correspondence/stcn_efficientnet-lite0_synthetic_pixel.py'


def build(config: Config, with_losses: bool) -> tuple:
    """A model and its optimizer."""
    config = config.model.copy(), config.optim_wrapper
    if not with_losses:
        del config[0]['correspondence']
    model = MODELS.build(config[0]).to(get_device()).train()
    return model, build_optim_wrapper(model, config[1])


def step(model: BaseModel, wrapper: OptimWrapper, batch: dict) -> float:
    """Seconds of a training step."""
    start = time.perf_counter()
    model.train_step(batch, wrapper)
    if get_device() == 'cuda':
        torch.cuda.synchronize()
    return time.perf_counter() - start


def megabytes(model: BaseModel, wrapper: OptimWrapper, batch: dict) -> float:
    """Memory that a training step takes: the peak on a GPU, on the CPU what it keeps for the backward pass."""
    if get_device() == 'cuda':
        torch.cuda.reset_peak_memory_stats()
        step(model, wrapper, batch)
        return torch.cuda.max_memory_allocated() / 2**20
    kept: Dict[int, int] = {}

    def pack(tensor: torch.Tensor) -> torch.Tensor:
        kept[tensor.untyped_storage().data_ptr()] = tensor.untyped_storage().nbytes()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        step(model, wrapper, batch)
    return sum(kept.values()) / 2**20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('config', nargs='?', default=DEFAULT_CONFIG, help='with correspondence (default: %(default)s)')
    parser.add_argument('--iterations', type=int, default=30, help='of each (default: %(default)s)')
    args = parser.parse_args()
    config = load_config(args.config)
    init_default_scope(config.default_scope)
    config.train_dataloader.update(num_workers=0, persistent_workers=False)
    batch = next(iter(Runner.build_dataloader(config.train_dataloader, seed=0)))

    variants = {name: build(config, name == 'with') for name in ('without', 'with')}
    memory = {name: megabytes(*variant, batch) for name, variant in variants.items()}
    times: Dict[str, list] = {name: [] for name in variants}
    for _ in range(args.iterations):
        for name, variant in variants.items():
            times[name].append(step(*variant, batch))
    medians = {name: statistics.median(values) for name, values in times.items()}
    for name in variants:
        print(f'{name:>8}: {1000 * medians[name]:7.1f} ms an iteration, {memory[name]:7.1f} MiB')
    print(f'   ratio: {medians["with"] / medians["without"]:.3f} in time, '
          f'{memory["with"] / memory["without"]:.3f} in memory')


if __name__ == '__main__':
    main()
