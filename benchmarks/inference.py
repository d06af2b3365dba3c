"""Segmenting a video with STCN or XMem: vosreg in float32 and in bfloat16 against the plain way, each frame in turn.

All segment the same real clip with the same weights; the masks are compared. The plain ways are those of
benchmarks/plain_stcn.py and benchmarks/plain_xmem.py.

Example:
    python benchmarks/inference.py data/DAVIS --heights 480 --objects 3 --num-frames 100
"""
import argparse
from functools import partial
from pathlib import Path
from typing import Dict, List

import torch
from plain_xmem import plain_stream
from side_by_side import build_model, load_clip, seconds
from torch import Tensor

from vosreg.models import MatchingVOS


def run(model: MatchingVOS, frames: List[Tensor], mask: Tensor, one_by_one: bool, amp: bool
        ) -> Dict[str, Dict[str, list]]:
    """Seconds and index mask of every frame in every way."""
    plain = plain_stream(model, one_by_one)
    ways = dict(plain=lambda frame, given: plain.step(model.data_preprocessor.normalise(frame), given),
                ours=model.stream().step)
    if amp:
        ways['bfloat16'] = torch.autocast('cpu', dtype=torch.bfloat16)(model.stream().step)
    results = {name: dict(seconds=[], masks=[]) for name in ways}
    for t, frame in enumerate(frames):
        for name, way in ways.items():
            duration, prob = seconds(partial(way, frame, mask if t == 0 else None))
            results[name]['seconds'].append(duration)
            results[name]['masks'].append(prob.argmax(0))
    return results


def report(height: int, num_objects: int, results: Dict[str, Dict[str, list]]) -> None:
    """Print a line a way.

    The mean time of a frame, without the first one, and of the frames of the last tenth, when the memory is largest;
    how many times that is in the time of the plain way; how many pixels are those of the plain way.
    """
    plain = results['plain']
    last = -(-len(plain['masks']) // 10)
    times = {name: [1000 * torch.tensor(part).mean().item()
                    for part in (result['seconds'][1:], result['seconds'][-last:])] for name, result in results.items()}
    for name, result in results.items():
        agreement = torch.stack(
            [(a == b).float().mean() for a, b in zip(result['masks'], plain['masks'])]).mean().item()
        columns = ' '.join(f'{ours:9.1f} {plainly / ours:7.2f}' for ours, plainly in zip(times[name], times['plain']))
        print(f'{height:6} {num_objects:7} {name:>9} {columns} {100 * agreement:9.3f}', flush=True)


def parse_args(arguments=None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('davis', type=Path, help='root of a data set in DAVIS layout')
    parser.add_argument('--video', default='schoolgirls', help='default: %(default)s')
    parser.add_argument('--config', default='stcn/stcn_resnet50_davis2017.py', help='default: %(default)s')
    parser.add_argument('--checkpoint', default='', help='without one the weights are random, which costs as much')
    parser.add_argument('--heights', type=int, nargs='+', default=[480], help='default: %(default)s')
    parser.add_argument('--objects', type=int, nargs='+', default=[3], help='default: %(default)s')
    parser.add_argument('--num-frames', type=int, default=16, help='default: %(default)s')
    parser.add_argument('--full', action='store_true', help='240p and 480p, 1, 3 and 7 objects, 100 frames')
    parser.add_argument('--no-amp', dest='amp', action='store_false', help='leave out bfloat16')
    parser.add_argument('--one-by-one', action='store_true', help='let the plain way take the objects one by one')
    args = parser.parse_args(arguments)
    if args.full:
        args.heights, args.objects, args.num_frames = [240, 480], [1, 3, 7], 100
    return args


def main(arguments=None) -> None:
    args = parse_args(arguments)
    model = build_model(args.config, args.checkpoint)
    print(f'{Path(args.config).stem}\nheight objects       way  ms/frame   ratio   ms/last   ratio  pixels/%')
    for height in args.heights:
        for num_objects in args.objects:
            frames, mask = load_clip(args.davis, args.video, height, num_objects, args.num_frames)
            report(height, num_objects, run(model, frames, mask, args.one_by_one, args.amp))


if __name__ == '__main__':
    main()
