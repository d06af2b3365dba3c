"""Segment and score the test videos of a config with a trained model."""
import argparse

from mmengine.config import Config, DictAction
from mmengine.logging import print_log

# PyTorch takes seconds to import, so it waits until the arguments have been read: see the functions.


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('config', help='a config file, or one that comes with vosreg by its path inside configs/')
    parser.add_argument('checkpoint', nargs='?', help='file, URL or zoo://NAME; a model without weights needs none')
    parser.add_argument('--work-dir', help='where logs go; ./work_dirs/CONFIGNAME by default')
    parser.add_argument('--out', metavar='DIR', help='write the masks to DIR/VIDEO/FRAME.png')
    parser.add_argument(
        '--zip',
        metavar='FILE',
        help="check that the masks in --out are complete and zip them as the benchmark's server takes them")
    parser.add_argument(
        '--show-dir', metavar='DIR', help='draw the masks over the frames to DIR/VIDEO/FRAME.jpg and DIR/VIDEO.mp4')
    parser.add_argument(
        '--save-scores', metavar='DIR', help='write probabilities to DIR/VIDEO/FRAME.npz, for tools/merge_scores.py')
    parser.add_argument(
        '--match-precision', action='store_true', help='also measure how much of the affinity lies on the right object')
    parser.add_argument(
        '--cfg-options',
        nargs='+',
        action=DictAction,
        metavar='KEY=VALUE',
        help='change the config, for example test_dataloader.dataset.data_root=/data/DAVIS')
    parser.add_argument('--amp', action='store_true', help='autocast: float16 on a GPU, bfloat16 on the CPU')
    parser.add_argument('--launcher', choices=('none', 'pytorch', 'slurm', 'mpi'), default='none')
    parser.add_argument(
        '--trust-checkpoint', action='store_true', help='let a checkpoint run the code that it holds')
    args = parser.parse_args()
    if args.zip and not args.out:
        parser.error('--zip needs --out, where the masks are written first')
    return args


def keep_test_only(config: Config) -> None:
    """Drop what trains and validates: a test needs neither its data nor its losses, a baseline none of it at all."""
    from vosreg.engine.checkpoint_config import drop_training_parts

    for key in ('train_dataloader', 'train_cfg', 'optim_wrapper', 'param_scheduler', 'val_dataloader', 'val_cfg',
                'val_evaluator'):
        config[key] = None
    # They may have weights of their own, which a checkpoint for inference need not have.
    drop_training_parts(config.model)


def set_outputs(config: Config, out: str, show_dir: str) -> None:
    """Tell the metric where to write masks, and the visualisation hook where to draw."""
    if out:
        evaluator = config.test_evaluator
        (evaluator[0] if isinstance(evaluator, list) else evaluator).out_dir = out
    if show_dir:
        hooks = config.setdefault('default_hooks', {})
        hooks.setdefault('visualization', dict(type='ResultVisualizationHook')).update(show_dir=show_dir)


def save_scores(config: Config, folder: str) -> None:
    """Let the model keep its probabilities and a hook write them."""
    set_test_option(config, 'keep_scores', '--save-scores')
    config.custom_hooks = [*config.get('custom_hooks', []), dict(type='SaveScoresHook', out_dir=folder)]


def add_match_precision(config: Config) -> None:
    """Score the matching beside the masks."""
    set_test_option(config, 'record_matches', '--match-precision')
    evaluator = config.test_evaluator
    config.test_evaluator = [*(evaluator if isinstance(evaluator, list) else [evaluator]), dict(type='MatchPrecision')]


def set_test_option(config: Config, name: str, argument: str) -> None:
    """Switch on something that only a model that matches can do."""
    from vosreg.models.segmentors import MatchingVOS
    from vosreg.registry import MODELS

    model = MODELS.class_of(config.model)
    if not issubclass(model, MatchingVOS):
        raise SystemExit(f'error: {config.filename} has a {model.__name__}, which does not match pixels; leave out '
                         f'{argument}')
    config.model.test_cfg = dict(config.model.get('test_cfg') or {}, **{name: True})


def test(config: Config, out: str, zip_file: str) -> None:
    from mmengine.dist import is_main_process

    from vosreg.engine import StrictRunner
    from vosreg.evaluation.submission import write_submission

    runner = StrictRunner.from_cfg(config)
    if not config.load_from and any(True for _ in runner.model.parameters()):
        raise SystemExit(f'error: {config.filename} has a model with weights: give the checkpoint that holds them')
    runner.test()
    if zip_file and is_main_process():
        dataset = runner.test_dataloader.dataset
        number = write_submission(zip_file, out, dataset.wanted_results(), dataset.submission_root)
        print_log(f'{number} masks are in {zip_file}', 'current')


def make_config(args: argparse.Namespace) -> Config:
    """The config of the test that is asked for."""
    from vosreg.engine import load_config, require
    from vosreg.engine.checkpoints import check_file

    config = load_config(args.config, args.cfg_options, args.work_dir)
    require(config, 'model', 'test_dataloader', 'test_cfg', 'test_evaluator')
    config.load_from = args.checkpoint or config.get('load_from')
    config.resume = False
    if config.load_from:
        check_file(config.load_from)
    keep_test_only(config)
    set_outputs(config, args.out, args.show_dir)
    if args.amp:
        config.test_cfg.fp16 = True
    if args.save_scores:
        save_scores(config, args.save_scores)
    if args.match_precision:
        add_match_precision(config)
    return config


def main() -> None:
    args = parse_args()
    from vosreg.engine import expected_errors, launched
    from vosreg.engine.checkpoints import allow_code

    allow_code(args.trust_checkpoint)
    with expected_errors():
        config = make_config(args)
        with launched(config, args.launcher):
            test(config, args.out, args.zip)


if __name__ == '__main__':
    main()
