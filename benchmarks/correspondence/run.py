"""One run of a study: train an arm with a seed, evaluate it on all clip sets, write scores.json.

Does nothing if the scores are there; an interrupted training goes on from its last checkpoint.
"""
import argparse
import os
import statistics
from pathlib import Path
from typing import Dict

import torch
from clip_cache import use_cache
from clip_sets import EVALUATORS, clip_sets
from mmengine.config import Config
from mmengine.evaluator import Evaluator
from mmengine.model import BaseModel
from mmengine.runner import Runner
from studies import ARMS, STUDIES, build_config

from vosreg.engine import StrictRunner
from vosreg.engine.checkpoints import allow_code, latest_checkpoint
from vosreg.evaluation.report import write_json


def run_folder(out: Path, study: str, arm: str, seed: int) -> Path:
    """Where a run writes."""
    return out / study / arm / f'seed_{seed}'


def scores_path(folder: Path) -> Path:
    """The file that a finished run leaves in its folder."""
    return folder / 'scores.json'


def train(config: Config) -> Runner:
    """Train, or go on from the work dir's last checkpoint."""
    checkpoint = latest_checkpoint(config.work_dir)
    if checkpoint:
        config.resume, config.load_from = True, checkpoint
    runner = (StrictRunner if checkpoint else Runner).from_cfg(config)
    runner.train()
    return runner


@torch.no_grad()
def evaluate(model: BaseModel, dataset: dict) -> Dict[str, float]:
    """The metrics of a model on a data set in test mode."""
    loader = Runner.build_dataloader(
        dict(batch_size=1, num_workers=2, sampler=dict(type='VideoSampler'), dataset=dataset))
    evaluator = Evaluator([dict(metric) for metric in EVALUATORS])
    model.eval()
    for batch in loader:
        evaluator.process(data_batch=batch, data_samples=model.test_step(batch))
    return evaluator.evaluate(len(loader.dataset))


def measure_training(runner: Runner) -> dict:
    """What the training cost.

    Returns:
        ``iteration_seconds`` and ``step_seconds``, medians with and without the waiting for the batch;
        ``peak_memory_mib`` on a GPU, else None; ``trained_parameters`` and ``device``.
    """
    times, waits = (runner.message_hub.get_scalar(f'train/{name}').data[0] for name in ('time', 'data_time'))
    on_gpu = torch.cuda.is_available()
    return dict(
        iteration_seconds=statistics.median(times.tolist()),
        step_seconds=statistics.median((times - waits).tolist()),
        peak_memory_mib=torch.cuda.max_memory_allocated() / 2**20 if on_gpu else None,
        trained_parameters=sum(weight.numel() for weight in runner.model.parameters() if weight.requires_grad),
        device=torch.cuda.get_device_name() if on_gpu else f'CPU, {torch.get_num_threads()} threads')


def run_config(args: argparse.Namespace, folder: Path) -> Config:
    """The config of the run, with what does not change its result."""
    config = build_config(STUDIES[args.study], args.arm, args.seed, args.clips, args.iterations)
    config.work_dir = str(folder)
    config.vis_backends = config.visualizer.vis_backends = [dict(type='LocalVisBackend')]
    config.default_hooks.pop('visualization')
    config.default_hooks.checkpoint = dict(
        type='CheckpointHook', by_epoch=False, interval=100, max_keep_ckpts=2, backend_args=dict(backend='atomic'))
    config.train_dataloader.update(num_workers=args.workers, persistent_workers=args.workers > 0)
    if args.cache:
        use_cache(config, args.cache)
    return config


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--study', required=True, choices=STUDIES)
    parser.add_argument('--arm', required=True, choices=ARMS)
    parser.add_argument('--seed', type=int, default=0)
    parser.add_argument('--out', type=Path, default=Path('work_dirs/correspondence'), help='default: %(default)s')
    parser.add_argument(
        '--clips', type=Path, default=os.environ.get('VOSREG_CLIPS'),
        help='folder with the real clips in DAVIS/ and YouTubeVOS/ (default: the environment variable VOSREG_CLIPS)')
    parser.add_argument('--iterations', type=int, help="length of the schedule (default: the study's)")
    parser.add_argument('--workers', type=int, default=2, help='processes that make batches (default: %(default)s)')
    parser.add_argument('--cache', type=Path, help='keep the training clips in this folder, for runs of the same seed')
    args = parser.parse_args()
    if args.clips is None:
        parser.error('where are the real clips? Give --clips, or set VOSREG_CLIPS')
    return args


def main() -> None:
    args = parse_args()
    allow_code(False)
    folder = run_folder(args.out, args.study, args.arm, args.seed)
    if scores_path(folder).exists():
        return
    config = run_config(args, folder)
    runner = train(config)
    cost = measure_training(runner)
    scores = {name: evaluate(runner.model, dataset) for name, dataset in clip_sets(args.clips).items()}
    write_json(scores_path(folder), dict(
        study=args.study, arm=args.arm, seed=args.seed, iterations=config.train_cfg.max_iters, scores=scores, **cost))
    for checkpoint in folder.glob('iter_*.pth'):  # They were for going on after an interruption.
        checkpoint.unlink()


if __name__ == '__main__':
    main()
