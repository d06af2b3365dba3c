"""Train a model from a config."""
import argparse

from mmengine.config import Config, DictAction

# PyTorch takes seconds to import, so it waits until the arguments have been read: see the functions.


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('config', help='a config file, or one that comes with vosreg by its path inside configs/')
    parser.add_argument('--work-dir', help='where logs and checkpoints go; ./work_dirs/CONFIGNAME by default')
    parser.add_argument(
        '--resume',
        nargs='?',
        const='auto',
        metavar='CHECKPOINT',
        help='go on from this checkpoint; without one from the latest in the work dir, if there is any')
    parser.add_argument(
        '--amp',
        action='store_true',
        help='mixed precision (float16 on a GPU, bfloat16 on the CPU) for a config with a plain OptimWrapper; those of '
        'vosreg have it anyway, and train in float32 with --cfg-options optim_wrapper.type=OptimWrapper')
    parser.add_argument(
        '--auto-scale-lr',
        action='store_true',
        help="scale the learning rate with the clips of an iteration over all GPUs, from the config's "
        'auto_scale_lr.base_batch_size')
    parser.add_argument(
        '--cfg-options',
        nargs='+',
        action=DictAction,
        metavar='KEY=VALUE',
        help='change the config, for example train_dataloader.batch_size=2 randomness.seed=1')
    parser.add_argument('--launcher', choices=('none', 'pytorch', 'slurm', 'mpi'), default='none')
    parser.add_argument(
        '--trust-checkpoint', action='store_true', help='let a checkpoint run the code that it holds')
    return parser.parse_args()


def set_resume(config: Config, resume: str) -> None:
    """Decide what to load; a first start with ``--resume`` begins from the config's ``load_from``."""
    from vosreg.engine.checkpoints import latest_checkpoint

    checkpoint = latest_checkpoint(config.work_dir) if resume == 'auto' else resume
    if checkpoint:
        config.resume, config.load_from = True, checkpoint


def make_config(args: argparse.Namespace) -> Config:
    """The config of the training that is asked for."""
    from vosreg.engine import load_config, require
    from vosreg.engine.checkpoints import check_file

    config = load_config(args.config, args.cfg_options, args.work_dir)
    require(config, 'model', 'train_dataloader', 'train_cfg', 'optim_wrapper')
    if args.amp:
        config.optim_wrapper.type = 'AutocastOptimWrapper'
    if args.auto_scale_lr:
        if 'auto_scale_lr' not in config:
            raise SystemExit(f'error: {config.filename} does not say how many clips an iteration its learning rate is '
                             'made for: set auto_scale_lr=dict(base_batch_size=...)')
        config.auto_scale_lr.enable = True
    if args.resume:
        set_resume(config, args.resume)
    if config.get('load_from'):
        check_file(config.load_from)
    return config


def main() -> None:
    args = parse_args()
    from mmengine.runner import Runner

    from vosreg.engine import StrictRunner, expected_errors, launched
    from vosreg.engine.checkpoints import allow_code

    allow_code(args.trust_checkpoint)
    with expected_errors():
        config = make_config(args)
        runner_class = StrictRunner if config.get('resume') else Runner
        with launched(config, args.launcher):
            runner_class.from_cfg(config).train()


if __name__ == '__main__':
    main()
