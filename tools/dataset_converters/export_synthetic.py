"""Write SyntheticVOS as a folder in DAVIS layout.

Videos that are already complete are left alone, so an interrupted export goes on where it stopped.

Example:
    python tools/dataset_converters/export_synthetic.py data/SyntheticVOS --num-videos 100
"""
import argparse
import sys
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

import cv2
from tqdm import tqdm

from vosreg.datasets import SyntheticVOS
from vosreg.datasets.synthetic import build_scene
from vosreg.fileio import atomic_path, write_image, write_mask


def export_video(video: dict, root: Path) -> None:
    """Write the frames of a video, then its masks; the last mask tells that it is complete."""
    cv2.setNumThreads(1)
    frames, masks = (root / folder / '480p' / video['video'] for folder in ('JPEGImages', 'Annotations'))
    if (masks / f'{video["num_frames"] - 1:05d}.png').is_file():
        return
    scene = build_scene(video['scene'])
    for t in range(video['num_frames']):
        image, mask = scene.render(t)
        write_image(frames / f'{t:05d}.jpg', image)
        write_mask(masks / f'{t:05d}.png', mask)


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('root', type=Path, help='folder to write, which then holds JPEGImages, Annotations, ImageSets')
    parser.add_argument('--split', choices=('train', 'val'), default='train')
    parser.add_argument('--num-videos', type=int, default=100)
    parser.add_argument('--num-frames', type=int, default=24, help='frames of a video (default: %(default)s)')
    parser.add_argument('--size', type=int, nargs=2, metavar=('HEIGHT', 'WIDTH'), default=(480, 640))
    parser.add_argument('--num-objects', type=int, nargs=2, metavar=('LEAST', 'MOST'), default=(1, 4))
    parser.add_argument(
        '--shadows', type=float, default=0, metavar='SHARE',
        help='share of the videos in which figures cast shadows (default: %(default)s)')
    parser.add_argument(
        '--pictures', metavar='FOLDER', help='photographs for backdrops and figures, see fetch_photographs.py')
    parser.add_argument('--seed', type=int, default=0)
    parser.add_argument('--workers', type=int, default=2)
    return parser.parse_args()


def export(args: argparse.Namespace) -> None:
    """Write the videos, then the list of them."""
    dataset = SyntheticVOS(
        num_videos=args.num_videos,
        num_frames=args.num_frames,
        size=args.size,
        num_objects=args.num_objects,
        split=args.split,
        shadows=args.shadows,
        pictures=args.pictures,
        seed=args.seed)
    videos = [dataset.get_data_info(number) for number in range(dataset.num_videos)]
    with ProcessPoolExecutor(args.workers) as pool:
        list(tqdm(pool.map(partial(export_video, root=args.root), videos), total=len(videos), unit='video'))
    with atomic_path(args.root / 'ImageSets' / '2017' / f'{args.split}.txt') as temporary:
        temporary.write_text(''.join(f'{video["video"]}\n' for video in videos))
    print(f'wrote {len(videos)} videos of {args.num_frames} frames to {args.root}')


def main() -> None:
    try:
        export(parse_args())
    except (OSError, ValueError) as error:
        sys.exit(f'error: {error}')


if __name__ == '__main__':
    main()
