"""Evaluate a checkpoint on the clip sets of the experiment, as each of its runs is at its end.

example: python benchmarks/correspondence/evaluate.py stcn/stcn_efficientnet-lite0_synthetic.py \
    work_dirs/stcn_efficientnet-lite0_synthetic/iter_600.pth
"""
import argparse
import os
from pathlib import Path

from clip_sets import clip_sets
from mmengine.device import get_device
from run import evaluate

from vosreg.engine import build_for_inference, expected_errors, load_config
from vosreg.evaluation.report import write_json

METRICS = ('davis/J&F-Mean', 'match/object-mass', 'match/background-mass', 'match/flow-1')


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('config', help='a config file, or one that comes with vosreg by its path inside configs/')
    parser.add_argument('checkpoint', help='file, URL or zoo://NAME')
    parser.add_argument(
        '--clips', type=Path, default=os.environ.get('VOSREG_CLIPS'), required='VOSREG_CLIPS' not in os.environ,
        help='folder with the real clips in DAVIS/ and YouTubeVOS/ (default: the environment variable VOSREG_CLIPS)')
    parser.add_argument('--out', type=Path, metavar='FILE', help='write all metrics as JSON')
    return parser.parse_args()


@expected_errors()
def main() -> None:
    args = parse_args()
    config = load_config(args.config)
    config.model.test_cfg.record_matches = True
    model = build_for_inference(config, args.checkpoint).to(get_device())
    scores = {name: evaluate(model, dataset) for name, dataset in clip_sets(args.clips).items()}
    for name, metrics in scores.items():
        print(f'{name:<12}' + ''.join(f'  {key} {100 * metrics[key]:5.1f}' for key in METRICS if key in metrics))
    if args.out:
        write_json(args.out, scores)


if __name__ == '__main__':
    main()
