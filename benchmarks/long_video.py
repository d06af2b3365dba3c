"""Whether a stream takes the same memory and time a frame however long the video is: a clip, looped to N frames.

Plays the clip forwards and backwards in turn, with the given masks of its first frame at the start only. Prints the
time a frame, the memory of the bank and of the process of the first and of the last frames, and draws them all.

Example:
    python benchmarks/long_video.py data/DAVIS/JPEGImages/480p/schoolgirls \
        data/DAVIS/Annotations/480p/schoolgirls/00000.png --out long_video.png
"""
import argparse
import os
import time
from itertools import islice
from pathlib import Path
from typing import Iterator, List, NamedTuple

import numpy as np
import torch
from matplotlib.figure import Figure
from mmengine.device import get_device
from side_by_side import build_model

from vosreg.datasets.frame_files import list_images
from vosreg.fileio import read_image, read_mask
from vosreg.models import VideoStream


class Measurement(NamedTuple):
    """What one frame took: seconds, rows of the memory bank, MiB of the process (of the GPU, if the model is there)."""
    seconds: float
    elements: int
    megabytes: float


def forwards_and_backwards(items: list) -> Iterator:
    """0, 1, ..., n - 1, n - 2, ..., 1, 0, 1, ... without end, so that nothing jumps."""
    while True:
        yield from items[:-1]
        yield from items[:0:-1]


def megabytes() -> float:
    """Resident memory of the process, or what is allocated on the GPU."""
    if get_device() == 'cuda':
        return torch.cuda.memory_allocated() / 2**20
    pages = int(Path('/proc/self/statm').read_text().split()[1])
    return pages * os.sysconf('SC_PAGE_SIZE') / 2**20


def resized(array: np.ndarray, height: int, interpolation: str) -> torch.Tensor:
    """[H, W, ...] -> [C, height, width]; a height of 0 leaves the size."""
    maps = torch.from_numpy(array)
    maps = (maps[None] if maps.ndim == 2 else maps.permute(2, 0, 1)).float()
    if height:
        width = round(maps.shape[2] * height / maps.shape[1])
        maps = torch.nn.functional.interpolate(maps[None], size=(height, width), mode=interpolation)[0]
    return maps.round().byte()


def measure(stream: VideoStream, frames: List[torch.Tensor], mask: torch.Tensor, number: int) -> List[Measurement]:
    """Run the stream over the looped clip."""
    measurements = []
    for t, frame in enumerate(islice(forwards_and_backwards(frames), number)):
        start = time.perf_counter()
        prob = stream.step(frame, mask if t == 0 else None)
        stream.index_mask(prob, prob.shape[-2:])  # Waits for the GPU.
        measurements.append(Measurement(time.perf_counter() - start, len(stream.memory.elements), megabytes()))
        if (t + 1) % 100 == 0:
            print(f'{t + 1} of {number} frames, {np.mean([m.seconds for m in measurements[-100:]]):.3f} s a frame',
                  flush=True)
    return measurements


def draw(measurements: List[Measurement], path: str) -> None:
    figure = Figure(figsize=(8, 8), layout='constrained')
    columns = np.array(measurements)
    for i, label in enumerate(('time of a frame / s', 'memory elements', 'memory of the process / MiB')):
        axes = figure.add_subplot(3, 1, i + 1)
        axes.plot(columns[:, i], linewidth=0.7)
        axes.set_ylim(0, 1.2 * np.quantile(columns[:, i], 0.99))
        axes.set_ylabel(label)
    axes.set_xlabel('frame')
    figure.savefig(path)


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('frames', type=Path, help='folder with the frames of a clip')
    parser.add_argument('mask', help='index mask of its first frame')
    parser.add_argument('--config', default='xmem/xmem_efficientnet-lite0_synthetic.py')
    parser.add_argument('--checkpoint', default='', help='without one the weights are random, which costs as much')
    parser.add_argument('--num-frames', type=int, default=3000, help='default: %(default)s')
    parser.add_argument('--window', type=int, default=500, help='first and last frames to compare (%(default)s)')
    parser.add_argument('--height', type=int, default=0, help='resize the frames to this height')
    parser.add_argument('--out', default='long_video.png', help='the figure (%(default)s)')
    return parser.parse_args()


def main() -> None:
    args = parse_args()
    model = build_model(args.config, args.checkpoint).to(get_device())
    frames = [resized(read_image(path), args.height, 'bilinear') for path in list_images(args.frames).values()]
    mask = resized(read_mask(args.mask), args.height, 'nearest')[0]
    measurements = measure(model.stream(args.frames.name), frames, mask, args.num_frames)
    draw(measurements, args.out)

    window = min(args.window, args.num_frames // 2)
    first, last = np.array(measurements[:window]), np.array(measurements[-window:])
    print(f'{args.num_frames} frames of {tuple(mask.shape)}, {len(mask.unique()) - 1} objects; '
          f'first and last {window} frames:')
    for name, (a, b) in {
            'median time of a frame / s': (np.median(first[:, 0]), np.median(last[:, 0])),
            'mean time of a frame / s': (first[:, 0].mean(), last[:, 0].mean()),
            'most elements in memory': (first[:, 1].max(), last[:, 1].max()),
            'most memory / MiB': (first[:, 2].max(), last[:, 2].max())}.items():
        print(f'{name:>27}: {a:10.3f} {b:10.3f}   ratio {b / a:.3f}')


if __name__ == '__main__':
    main()
