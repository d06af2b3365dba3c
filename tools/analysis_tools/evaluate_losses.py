"""Compute all training losses of a config for several checkpoints on the same batches, without training.

The curve of a training mixes what the model learned with schedules and with other batches at each point. Here every
checkpoint gets the same clips, the same augmentation, the same second views and the same random numbers of the model,
and the schedules stand still. Models are in training mode and in float32. The clips are drawn from the videos of
train_dataloader with the frame gap of its pipeline, whatever a FrameGapCurriculumHook makes of it in training.

A row of the table is a checkpoint: the mean of each weighted loss over the batches ± its standard error. "loss" is the
sum that training minimises. For the difference of two checkpoints the errors are too large, since both saw the same
batches; --out has the values of each batch.

Example:
    python tools/analysis_tools/evaluate_losses.py CONFIG random work_dirs/stcn/iter_75000.pth \\
        work_dirs/stcn/iter_150000.pth --batches 50 --out losses.json
"""
import argparse
from pathlib import Path
from typing import Dict, Iterable, List, Sequence

import numpy as np
import torch
from mmengine.config import Config, DictAction
from mmengine.device import get_device
from mmengine.logging import MessageHub, MMLogger
from mmengine.model import BaseModel
from mmengine.registry import init_default_scope
from mmengine.runner import CheckpointLoader, Runner, set_random_seed
from tqdm import tqdm

from vosreg.engine import expected_errors, load_config, load_weights, require
from vosreg.engine.checkpoints import allow_code
from vosreg.evaluation.report import write_json
from vosreg.registry import MODELS

UNTRAINED = 'random'
Losses = Dict[str, List[float]]


def load_model(config: Config, checkpoint: str, seed: int) -> BaseModel:
    """Build the model of a config in training mode, with the weights of a checkpoint or those that a training begins
    with.
    """
    set_random_seed(seed)
    model = MODELS.build(config.model)
    if checkpoint == UNTRAINED:
        logger = MMLogger.get_current_instance()
        level = logger.level
        logger.setLevel('WARNING')  # MMEngine would print a paragraph for each weight.
        model.init_weights()
        logger.setLevel(level)
    else:
        load_weights(model, CheckpointLoader.load_checkpoint(checkpoint, 'cpu'), checkpoint)
    return model.to(get_device()).train()


@torch.no_grad()
def evaluate(models: Sequence[BaseModel], loader: Iterable[dict], num_batches: int, iteration: int,
             seed: int) -> List[Losses]:
    """Compute the losses of models on the same batches.

    Args:
        models: The models, in training mode.
        loader: An endless data loader of training clips.
        num_batches: Batches to take from it.
        iteration: At which the schedules stand.
        seed: Of all random numbers.

    Returns:
        For each model the losses by name, and their sum as ``loss``, a value for each batch.
    """
    rows: List[Losses] = [{} for _ in models]
    set_random_seed(seed)
    with tqdm(total=num_batches * len(models), unit='batch') as progress:
        for number, batch in zip(range(num_batches), loader):
            for model, row in zip(models, rows):
                seed_model(seed, number, iteration)
                _, values = model.parse_losses(model(**model.data_preprocessor(batch, True), mode='loss'))
                for name, value in values.items():
                    row.setdefault(name, []).append(float(value))
                progress.update()
    return rows


def seed_model(seed: int, batch: int, iteration: int) -> None:
    """Seed what models draw, with other numbers in each batch although the iteration stays the same."""
    batch_seed = int(np.random.SeedSequence((seed, batch)).generate_state(1)[0])
    set_random_seed(batch_seed)
    hub = MessageHub.get_current_instance()
    hub.update_info('seed', batch_seed)
    hub.update_info('iter', iteration)


def summarise(row: Losses) -> Dict[str, dict]:
    """Mean, standard error of the mean (None for a single batch) and values of each loss."""
    return {name: dict(mean=float(np.mean(values)),
                       standard_error=float(np.std(values, ddof=1) / len(values)**0.5) if len(values) > 1 else None,
                       values=values)
            for name, values in row.items()}


def format_table(checkpoints: Sequence[str], summaries: Sequence[Dict[str, dict]]) -> str:
    """A line a checkpoint, a column a loss."""
    names = list(summaries[0])
    cells = [['checkpoint', *names]]
    cells += [[checkpoint, *(_format_loss(summary[name]) for name in names)]
              for checkpoint, summary in zip(checkpoints, summaries)]
    widths = [max(map(len, column)) for column in zip(*cells)]
    return '\n'.join('  '.join([f'{label:<{widths[0]}}', *(f'{cell:>{width}}' for cell, width in zip(row, widths[1:]))])
                     for label, *row in cells)


def _format_loss(loss: dict) -> str:
    error = '' if loss['standard_error'] is None else f' ± {loss["standard_error"]:.4f}'
    return f'{loss["mean"]:.4f}{error}'


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('config', help='a config file, or one that comes with vosreg by its path inside configs/')
    parser.add_argument(
        'checkpoint', nargs='+', help=f'file, URL or zoo://NAME; "{UNTRAINED}" is the model as a training begins, '
        "backbones with the config's pretrained weights and the rest random")
    parser.add_argument('--batches', type=int, default=12, help='how many batches (default: %(default)s)')
    parser.add_argument(
        '--seed', type=int, default=1000,
        help='of the clips and of all else that is random; with another one than that of the training, 0 in most '
        'configs, the clips are others of the same videos (default: %(default)s)')
    parser.add_argument(
        '--iteration', type=int, metavar='N',
        help='take the losses as they are at this iteration of a training: the ramps of correspondence losses, the '
        'share of the pixels in the cross entropy; by default as at its end, train_cfg.max_iters')
    parser.add_argument('--out', type=Path, metavar='FILE', help='write a JSON file too')
    parser.add_argument('--cfg-options', nargs='+', action=DictAction, metavar='KEY=VALUE', help='change the config')
    parser.add_argument(
        '--trust-checkpoint', action='store_true', help='let a checkpoint run the code that it holds')
    args = parser.parse_args()
    for option, value, smallest in (('--batches', args.batches, 1), ('--seed', args.seed, 0),
                                    ('--iteration', args.iteration, 0)):
        if value is not None and value < smallest:
            parser.error(f'{option} is {value}; it must be at least {smallest}')
    return args


@expected_errors()
def main() -> None:
    args = parse_args()
    allow_code(args.trust_checkpoint)
    config = load_config(args.config, args.cfg_options)
    # The data set of a config that only tests may come with a data loader for training.
    require(config, 'model', 'train_dataloader', 'train_cfg')
    init_default_scope(config.get('default_scope', 'vosreg'))
    iteration = config.train_cfg.max_iters if args.iteration is None else args.iteration
    models = [load_model(config, checkpoint, args.seed) for checkpoint in args.checkpoint]
    loader = Runner.build_dataloader(config.train_dataloader, seed=args.seed)
    summaries = [summarise(row) for row in evaluate(models, loader, args.batches, iteration, args.seed)]
    print(f'{args.batches} batches of {config.train_dataloader.batch_size} clips, seed {args.seed}, schedules as at '
          f'iteration {iteration}')
    print(format_table(args.checkpoint, summaries))
    if args.out:
        report = dict(config=config.filename, batches=args.batches, seed=args.seed, iteration=iteration,
                      checkpoints=[dict(checkpoint=checkpoint, losses=summary)
                                   for checkpoint, summary in zip(args.checkpoint, summaries)])
        write_json(args.out, report)


if __name__ == '__main__':
    main()
