"""Segment objects in videos, given their masks in the first frame or in some frames.

For each video, OUT/masks/FRAME.png are palette PNGs and OUT/overlay.mp4 shows them over the video; several videos have
a folder each, OUT/VIDEO, or OUT/FOLDER_VIDEO where two have the same name. When it was interrupted, the same command
goes on where it stopped.

Examples:
    vosreg segment video.mp4 --mask first_frame.png --out results
    vosreg segment frames/ --box 40,30,210,180 --box 220,60,300,190 --out results
    vosreg segment --mask a.png a.mp4 --mask b.png b.mp4 --out results --model my_checkpoint.pth --device cuda:1
    vosreg segment 0 --box 200,100,440,380 --out results          # camera 0, until Ctrl-C
"""
import argparse
from pathlib import Path
from typing import List, Tuple, Union

from vosreg.given_paths import check_mask_path, check_video_path

# PyTorch takes seconds to import, so it waits until the arguments have been read: see the functions.


def parse_numbers(text: str) -> List[float]:
    """``1,2,3``."""
    try:
        return [float(number) for number in text.split(',')]
    except ValueError:
        raise argparse.ArgumentTypeError(f'{text!r} is not a list of numbers such as 40,30,210,180') from None


def parse_polygon(text: str) -> List[tuple]:
    """``x,y,x,y,...``."""
    numbers = parse_numbers(text)
    if len(numbers) % 2:
        raise argparse.ArgumentTypeError(f'{text!r} has {len(numbers)} numbers; the corners of a polygon are pairs x,y')
    return list(zip(numbers[::2], numbers[1::2]))


def name_video(text: str) -> Union[int, str]:
    """A number is a camera, unless there is a folder of that name."""
    return int(text) if text.isdecimal() and not Path(text).exists() else text


def tell_apart(videos: List[str], behind_mask: List[List[str]]) -> Tuple[List[str], List[str]]:
    """The videos and their masks, from the paths that stand elsewhere and those behind each ``--mask``.

    ``--mask`` takes all paths that follow it. They are masks if videos stand elsewhere, ``a.mp4 b.mp4 --mask a.png
    b.png``; else the first of each ``--mask`` is one, as in ``--mask a.png a.mp4 --mask b.png b.mp4``.
    """
    if videos:
        return videos, [path for paths in behind_mask for path in paths]
    return [path for paths in behind_mask for path in paths[1:]], [paths[0] for paths in behind_mask]


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog='vosreg segment', description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        'videos', nargs='*', metavar='VIDEO',
        help='a video file, a folder of frames, a glob of frames in quotes, or the number of a camera')
    given = parser.add_mutually_exclusive_group(required=True)
    given.add_argument(
        '--mask', nargs='+', action='append', default=[], metavar='PATH',
        help='of each video the mask of its first frame, a PNG whose pixels are object ids, or a folder of such masks, '
        'named as their frames; again for each video, or those of all videos behind one --mask')
    given.add_argument(
        '--box', action='append', type=parse_numbers, metavar='LEFT,TOP,RIGHT,BOTTOM',
        help='a box around an object in the first frame, in pixels; again for each object; all that is inside counts '
        'as the object')
    given.add_argument(
        '--polygon', action='append', type=parse_polygon, metavar='X,Y,X,Y,X,Y,...',
        help='the outline of an object in the first frame; again for each object')
    parser.add_argument('--out', required=True, metavar='DIR', help='where the results go')
    parser.add_argument(
        '--model', metavar='NAME', help='a name in `vosreg list-models`, a config, or a checkpoint that carries its '
        'config; by default the one that comes with vosreg')
    parser.add_argument('--weights', metavar='FILE', help='the checkpoint of a config')
    parser.add_argument('--device', help='such as cpu or cuda:1; by default a GPU if there is one')
    parser.add_argument(
        '--size', type=int, default=480,
        help='short side in pixels of what the network sees; less is faster and takes less memory, 0 is that of the '
        'frames (default: %(default)s)')
    parser.add_argument('--mem-every', type=int, metavar='N', help='remember every N-th frame; a larger N is faster')
    parser.add_argument(
        '--memory-frames', type=int, default=30, metavar='N',
        help='sum up older frames in a long-term memory when this many are remembered, 0 for never; less is faster '
        '(default: %(default)s)')
    parser.add_argument(
        '--amp', action='store_true', help='half precision: float16 on a GPU, bfloat16 on a CPU, which is faster on '
        'CPUs with avx512_bf16 or AMX')
    parser.add_argument('--rle', action='store_true', help='also write the masks as COCO run lengths, masks.json')
    parser.add_argument('--no-overlay', action='store_true', help='write no overlay video')
    parser.add_argument('--resize', action='store_true', help='resize masks and frames of differing sizes')
    parser.add_argument('--overwrite', action='store_true', help='replace the results of other inputs')
    parser.add_argument(
        '--trust-checkpoint', action='store_true', help='let a checkpoint run the code that it holds')
    args = parser.parse_intermixed_args()
    args.videos, args.mask = tell_apart(args.videos, args.mask)
    if not args.videos:
        parser.error('the following arguments are required: VIDEO')
    if args.mask and len(args.mask) != len(args.videos):
        parser.error(f'{len(args.videos)} videos have {len(args.mask)} masks; give one for each, in the same order, '
                     'and put a glob of frames in quotes')
    return args


def check_paths(args: argparse.Namespace) -> None:
    """Refuse a video or mask that is not there. Of several videos, those that are there are segmented."""
    if len(args.videos) > 1:
        return
    if isinstance(name_video(args.videos[0]), str):
        check_video_path(Path(args.videos[0]))
    if args.mask:
        check_mask_path(Path(args.mask[0]))


def segment(args: argparse.Namespace) -> None:
    """Run on all videos and say where the results are."""
    from vosreg.apis import Boxes, Polygons, VOSInferencer

    inferencer = VOSInferencer(
        args.model, args.weights, args.device, args.size or None, args.mem_every, args.memory_frames or None,
        args.amp)
    masks = args.mask or [Boxes(args.box) if args.box else Polygons(args.polygon)] * len(args.videos)
    videos = list(zip(map(name_video, args.videos), masks))
    options = dict(overlay=not args.no_overlay, run_lengths=args.rle, resize=args.resize, overwrite=args.overwrite)
    if len(videos) > 1:
        results = list(inferencer.batch(videos, args.out, **options).values())
    else:
        results = [inferencer(*videos[0], args.out, **options)]
    for result in results:
        print(f'{result.num_frames} masks in {result.masks}')
        for path in filter(None, (result.overlay, result.run_lengths)):
            print(path)


def main() -> None:
    args = parse_args()
    try:
        check_paths(args)
    except FileNotFoundError as error:
        raise SystemExit(f'error: {error}') from error
    import torch

    from vosreg.engine.checkpoints import allow_code

    allow_code(args.trust_checkpoint)
    try:
        segment(args)
    except (OSError, ValueError, torch.OutOfMemoryError) as error:
        raise SystemExit(f'error: {error}') from error
    except KeyboardInterrupt:
        raise SystemExit('interrupted; the same command goes on where it stopped') from None


if __name__ == '__main__':
    main()
