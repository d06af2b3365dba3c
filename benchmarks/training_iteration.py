"""Where the time of a training iteration goes, with and without correspondence losses, in float32 and in bfloat16.

The four variants of a model begin with the same weights and train on the same clips in turn, which two worker processes
make meanwhile. Prints the median time of an iteration and of its parts and the memory it takes, and stops if the mask
losses of the variants disagree:

* data: waiting for the workers;
* forward: preparing the batch, the network and the mask losses;
* second view: making it, encoding it, and the correspondence losses;
* backward and optimizer: by the gradient, and by the step.

Configs of other data sets than SyntheticVOS train on rendered clips too, at a small crop. All weights are random, which
costs as much.
"""
import argparse
import statistics
import time
from collections import Counter
from typing import Dict, Iterator, List, NamedTuple

import torch
from mmengine.config import Config
from mmengine.device import get_device
from mmengine.model import BaseModel
from mmengine.optim import OptimWrapper, build_optim_wrapper
from mmengine.registry import init_default_scope
from mmengine.runner import Runner, set_random_seed

from vosreg.engine import load_config
from vosreg.registry import MODELS

CONFIGS = ('correspondence/stcn_efficientnet-lite0_synthetic_pixel-object.py',
           'xmem/xmem_efficientnet-lite0_synthetic_pixel-object.py',
           'correspondence/stcn_resnet50_davis2017_pixel-object.py', 'xmem/xmem_resnet50_davis2017_pixel-object.py')
PARTS = ('data', 'forward', 'second view', 'backward', 'optimizer')
PRECISIONS = {
    'float32': dict(type='OptimWrapper'),
    'bfloat16': dict(type='AutocastOptimWrapper', dtype='bfloat16'),
}
# How far mask losses may be from those of the first variant, as a fraction.
TOLERANCES = {'float32': 1e-4, 'bfloat16': 0.05}


class Stopwatch:
    """Adds up the seconds spent in some methods."""

    def __init__(self) -> None:
        self.seconds: Counter = Counter()

    def watch(self, owner: object, method: str, part: str) -> None:
        """Count every call of a method of this object towards ``part``."""
        original = getattr(owner, method)

        def timed(*args, **kwargs):
            start = now()
            result = original(*args, **kwargs)
            self.seconds[part] += now() - start
            return result

        setattr(owner, method, timed)


class Variant(NamedTuple):
    """A model in training."""
    precision: str
    with_losses: bool
    model: BaseModel
    wrapper: OptimWrapper
    stopwatch: Stopwatch

    @property
    def name(self) -> str:
        return f'{self.precision}, {"with" if self.with_losses else "without"}'


def now() -> float:
    """Time in seconds when the device has done what it was given."""
    if get_device() == 'cuda':
        torch.cuda.synchronize()
    return time.perf_counter()


def build_variants(config: Config) -> List[Variant]:
    """Without and with correspondence losses, in each precision, from the same weights."""
    variants = []
    for precision, wrapper_config in PRECISIONS.items():
        for with_losses in (False, True):
            model_config = config.model.copy()
            if not with_losses:
                del model_config['correspondence']
            set_random_seed(0)
            model = MODELS.build(model_config).to(get_device()).train()
            wrapper = build_optim_wrapper(model, dict(config.optim_wrapper, **wrapper_config))
            variants.append(Variant(precision, with_losses, model, wrapper, watch_parts(model, wrapper)))
    return variants


def watch_parts(model: BaseModel, wrapper: OptimWrapper) -> Stopwatch:
    """Watch the parts of an iteration; what they leave of its time is the forward pass."""
    stopwatch = Stopwatch()
    if model.data_preprocessor.second_view:
        stopwatch.watch(model.data_preprocessor, 'second_view', 'second view')
    stopwatch.watch(model, 'encode_views', 'second view')
    for loss in model.correspondence:
        stopwatch.watch(loss, 'forward', 'second view')
    stopwatch.watch(wrapper, 'backward', 'backward')
    for method in ('step', 'zero_grad'):
        stopwatch.watch(wrapper, method, 'optimizer')
    return stopwatch


def prepare(config: Config, crop: int, batch_size: int) -> None:
    """Let a config train on rendered clips.

    Args:
        config: Changed in place. One for SyntheticVOS keeps its own crops and number of clips.
        crop: Side of the crops in pixels.
        batch_size: Clips of an iteration.
    """
    dataset = config.train_dataloader.dataset
    if dataset.type != 'SyntheticVOS':
        sampling = dict(dataset.pipeline[0], max_skip=4)
        config.train_dataloader = load_config(CONFIGS[0]).train_dataloader
        pipeline = config.train_dataloader.dataset.pipeline
        pipeline[0] = sampling
        next(transform for transform in pipeline if transform['type'] == 'RandomResizedCrop').size = crop
        config.train_dataloader.batch_size = batch_size
    # As little as possible fetched ahead, so that waiting shows after a few iterations.
    config.train_dataloader.update(num_workers=2, prefetch_factor=1, persistent_workers=False)


def train(variant: Variant, batches: Iterator[dict], iterations: int) -> List[Dict[str, float]]:
    """Train for some iterations; gives the seconds of each and of its parts."""
    seconds = variant.stopwatch.seconds
    measured = []
    for _ in range(iterations):
        start = now()
        batch = next(batches)
        waited = now() - start
        seconds.clear()
        variant.model.train_step(batch, variant.wrapper)
        total = now() - start
        forward = total - waited - sum(seconds[part] for part in PARTS[2:])
        measured.append({'data': waited, 'forward': forward, **seconds, 'iteration': total})
    return measured


def mask_losses(variant: Variant, batch: dict) -> Dict[str, float]:
    """The losses that every variant has."""
    set_random_seed(0)
    names = {mask_loss.loss_name for mask_loss in variant.model.losses}
    with torch.no_grad(), variant.wrapper.optim_context(variant.model):
        losses = variant.model(**variant.model.data_preprocessor(batch, True), mode='loss')
    return {name: float(value) for name, value in losses.items() if name in names}


def check_agreement(variants: List[Variant], batch: dict) -> float:
    """The largest relative difference of mask losses between variants. Raises RuntimeError if it is too large."""
    largest = 0.0
    reference = mask_losses(variants[0], batch)
    for variant in variants[1:]:
        for name, value in mask_losses(variant, batch).items():
            difference = abs(value / reference[name] - 1)
            if not difference < TOLERANCES[variant.precision]:
                raise RuntimeError(f'{variant.name} correspondence, {name} is {value:.5f}, but {reference[name]:.5f} '
                                   f'{variants[0].name}')
            largest = max(largest, difference)
    return largest


def megabytes(variant: Variant, batch: dict) -> float:
    """Memory that a training step takes: the peak on a GPU, on the CPU what it keeps for the backward pass."""
    if get_device() == 'cuda':
        torch.cuda.reset_peak_memory_stats()
        variant.model.train_step(batch, variant.wrapper)
        return torch.cuda.max_memory_allocated() / 2**20
    kept: Dict[int, int] = {}

    def pack(tensor: torch.Tensor) -> torch.Tensor:
        kept[tensor.untyped_storage().data_ptr()] = tensor.untyped_storage().nbytes()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        variant.model.train_step(batch, variant.wrapper)
    return sum(kept.values()) / 2**20


def measure(config: Config, iterations: int, rounds: int, warm_up: int) -> None:
    """Measure all variants of a config and print the table."""
    variants = build_variants(config)
    batch = next(iter(Runner.build_dataloader(config.train_dataloader, seed=0)))
    clip = batch['inputs'][0]
    print(f'{len(batch["inputs"])} clips of {len(clip)} frames, {clip.shape[-1]}x{clip.shape[-2]} pixels; mask losses '
          f'agree to {check_agreement(variants, batch):.1e}')
    memory = {variant.name: megabytes(variant, batch) for variant in variants}
    measured: Dict[str, list] = {variant.name: [] for variant in variants}
    for seed in range(rounds):
        for variant in variants:
            batches = iter(Runner.build_dataloader(config.train_dataloader, seed=seed))
            measured[variant.name] += train(variant, batches, warm_up + iterations)[warm_up:]
    print_table(measured, memory)


def print_table(measured: Dict[str, List[Dict[str, float]]], memory: Dict[str, float]) -> None:
    columns = ('iteration', *PARTS)
    print(f'{"ms":>20}' + ''.join(f'{column:>13}' for column in columns) + f'{"MiB":>10}')
    medians = {}
    for name, rows in measured.items():
        medians[name] = {column: statistics.median(row.get(column, 0) for row in rows) for column in columns}
        print(f'{name:>20}' + ''.join(f'{1000 * value:13.1f}' for value in medians[name].values())
              + f'{memory[name]:10.1f}')
    for precision in PRECISIONS:
        with_losses, without = f'{precision}, with', f'{precision}, without'
        print(f'  correspondence in {precision}: '
              f'{medians[with_losses]["iteration"] / medians[without]["iteration"]:.2f} times the time, '
              f'{memory[with_losses] / memory[without]:.2f} times the memory')
    fast = [medians[f'float32, {kind}']['iteration'] / medians[f'bfloat16, {kind}']['iteration']
            for kind in ('without', 'with')]
    print(f'  bfloat16: {fast[0]:.2f} times as fast without, {fast[1]:.2f} with correspondence')
    shares = [sum(row['data'] for row in rows) / sum(row['iteration'] for row in rows) for rows in measured.values()]
    print(f'  waiting for 2 workers: {100 * max(shares):.1f} % of the time at most', flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('configs', nargs='*', default=CONFIGS, help='with correspondence; by default four')
    parser.add_argument('--iterations', type=int, default=4, help='of each variant in a round (default: %(default)s)')
    parser.add_argument('--rounds', type=int, default=2, help='default: %(default)s')
    parser.add_argument('--warm-up', type=int, default=2, help='more iterations that do not count (%(default)s)')
    parser.add_argument('--crop', type=int, default=128,
                        help='pixels, for configs of other data sets (default: %(default)s)')
    parser.add_argument('--batch-size', type=int, default=2, help='likewise (default: %(default)s)')
    args = parser.parse_args()
    for name in args.configs:
        config = load_config(name)
        init_default_scope(config.default_scope)
        prepare(config, args.crop, args.batch_size)
        print(f'\n{name}: ', end='')
        measure(config, args.iterations, args.rounds, args.warm_up)


if __name__ == '__main__':
    main()
