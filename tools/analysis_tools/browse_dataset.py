"""Draw the training clips of a config as the model gets them: one picture a clip, its frames side by side.

Below the frames come the annotated objects and, where the pipeline has them, the discovered ones.

Example:
    python tools/analysis_tools/browse_dataset.py stcn/stcn_efficientnet-lite0_synthetic.py --out clips
"""
import argparse
from pathlib import Path

import cv2
import numpy as np
from mmengine.config import DictAction
from mmengine.registry import init_default_scope
from tqdm import tqdm

from vosreg.datasets import ClipIndex
from vosreg.engine import expected_errors, load_config, require
from vosreg.fileio import write_image
from vosreg.registry import DATASETS
from vosreg.visualization import overlay_mask


def draw_clip(item: dict) -> np.ndarray:
    """The frames of a packed clip, again with the masks and, if there are any, with the discovered regions drawn on
    them, below each other, and a label, RGB uint8.
    """
    sample = item['data_samples']
    frames = [frame.permute(1, 2, 0).numpy() for frame in item['inputs']]
    rows = [frames]
    for name in ('masks', 'proposals'):
        if name in sample:
            rows.append([overlay_mask(frame, mask.numpy()) for frame, mask in zip(frames, sample.get(name))])
    picture = np.vstack([np.hstack(row) for row in rows])
    label = f'{sample.video}: frames {", ".join(map(str, sample.frame_ids))}; {sample.num_objects} objects'
    return write_label(picture, label)


def write_label(picture: np.ndarray, label: str) -> np.ndarray:
    """White text on a black bar above a picture."""
    bar = np.zeros((22, *picture.shape[1:]), np.uint8)
    cv2.putText(bar, label, (6, 16), cv2.FONT_HERSHEY_SIMPLEX, 0.45, (255, 255, 255), 1, cv2.LINE_AA)
    return np.vstack([bar, picture])


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('config', help='a config file, or one that comes with vosreg by its path inside configs/')
    parser.add_argument('--out', type=Path, default=Path('browse'), help='where to (default: %(default)s)')
    parser.add_argument('--number', type=int, default=16, help='how many clips (default: %(default)s)')
    parser.add_argument('--max-skip', type=int, help='as in SampleFrames; by default that of the pipeline')
    parser.add_argument('--cfg-options', nargs='+', action=DictAction, metavar='KEY=VALUE', help='change the config')
    return parser.parse_args()


@expected_errors()
def main() -> None:
    args = parse_args()
    config = load_config(args.config, args.cfg_options)
    require(config, 'train_dataloader')
    init_default_scope(config.get('default_scope', 'vosreg'))
    dataset = DATASETS.build(config.train_dataloader.dataset)
    for draw in tqdm(range(args.number), unit='clip'):
        index = ClipIndex(video=draw % dataset.num_videos, draw=draw, max_skip=args.max_skip)
        write_image(args.out / f'{draw:05d}.png', draw_clip(dataset[index]))
    print(f'wrote {args.number} pictures to {args.out}')


if __name__ == '__main__':
    main()
