"""Check a folder of predicted masks for completeness and zip it as the benchmark's server takes it."""
import argparse
import sys
from pathlib import Path

from mmengine.config import DictAction
from mmengine.registry import init_default_scope

from vosreg.engine import load_config, require
from vosreg.evaluation.submission import write_submission
from vosreg.registry import DATASETS


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=f'{__doc__} Every video, every frame that the server wants, sizes and object ids are checked '
        'against the test data of CONFIG; what is missing or wrong is named, and no file is made then.',
        epilog='example: python tools/make_submission.py baselines/copy-first-mask_youtube-vos2018.py masks/ out.zip')
    parser.add_argument('config', help='a config file, or one that comes with vosreg by its path inside configs/')
    parser.add_argument('masks', metavar='MASKS_DIR', type=Path, help='the predicted masks, MASKS_DIR/VIDEO/FRAME.png')
    parser.add_argument('zip', metavar='ZIP_FILE', type=Path, help='the file to write')
    parser.add_argument(
        '--cfg-options',
        nargs='+',
        action=DictAction,
        metavar='KEY=VALUE',
        help='change the config, for example test_dataloader.dataset.data_root=/data/YouTubeVOS')
    return parser.parse_args()


def main() -> None:
    args = parse_args()
    try:
        config = load_config(args.config, args.cfg_options)
        require(config, 'test_dataloader')
        init_default_scope(config.get('default_scope', 'vosreg'))
        dataset = DATASETS.build(config.test_dataloader.dataset)
        number = write_submission(args.zip, args.masks, dataset.wanted_results(), dataset.submission_root)
    except (OSError, ValueError) as error:
        sys.exit(f'error: {error}')
    print(f'{number} masks of {dataset.num_videos} videos are in {args.zip}')


if __name__ == '__main__':
    main()
