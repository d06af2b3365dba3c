"""What many objects cost: peak memory and time for different numbers of objects that go through the network together.

Each size runs in a process of its own, on the frames of a clip with the given masks of its first frame. The masks and
every fourth row and column of the probabilities of all frames are compared with those of the first size.

Example:
    python benchmarks/many_objects.py data/YouTubeVOS/valid/JPEGImages/1001_3iEIq5HBY1s \
        data/YouTubeVOS/valid/Annotations/1001_3iEIq5HBY1s/00002058.png
"""
import argparse
import multiprocessing
import resource
import tempfile
import time
from pathlib import Path
from typing import Tuple

import torch
from side_by_side import build_model

from vosreg.datasets.frame_files import list_images
from vosreg.fileio import read_image, read_mask


def run(args: argparse.Namespace, chunk: int, folder: Path) -> None:
    """Segment the clip; write each frame's results, and the seconds a frame and peak of the resident memory in MiB."""
    model = build_model(args.config, args.checkpoint)
    model.object_chunk = chunk
    paths = list(list_images(args.frames).values())[:args.num_frames]
    stream = model.stream(args.frames.name)
    start = time.perf_counter()
    for t, path in enumerate(paths):
        frame = torch.from_numpy(read_image(path)).permute(2, 0, 1)
        prob = stream.step(frame, read_mask(args.mask) if t == 0 else None)
        # On disk, because all frames of many objects would be the largest thing in memory.
        torch.save(dict(prob=prob[:, ::4, ::4].clone(), mask=stream.index_mask(prob, prob.shape[-2:])),
                   folder / f'{t}.pth')
    seconds = (time.perf_counter() - start) / len(paths)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    torch.save(dict(seconds=seconds, peak=peak, objects=len(stream.object_ids), frames=len(paths)),
               folder / 'cost.pth')


def compare(folder: Path, reference: Path, num_frames: int) -> Tuple[float, int]:
    """Largest difference of a probability, and most pixels of a frame whose objects differ."""
    difference, pixels = 0.0, 0
    for t in range(num_frames):
        one, other = (torch.load(path / f'{t}.pth') for path in (folder, reference))
        difference = max(difference, float((one['prob'] - other['prob']).abs().max()))
        pixels = max(pixels, int((one['mask'] != other['mask']).sum()))
    return difference, pixels


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('frames', type=Path, help='folder with the frames of a clip')
    parser.add_argument('mask', help='index mask of its first frame')
    parser.add_argument('--config', default='xmem/xmem_efficientnet-lite0_synthetic.py')
    parser.add_argument('--checkpoint', default='', help='without one the weights are random, which costs as much')
    parser.add_argument('--num-frames', type=int, default=6, help='default: %(default)s')
    parser.add_argument('--chunks', type=int, nargs='+', default=[8, 1, 44], help='default: %(default)s')
    return parser.parse_args()


def main() -> None:
    args = parse_args()
    with tempfile.TemporaryDirectory() as folder:
        results = [Path(folder) / str(chunk) for chunk in args.chunks]
        for chunk, result in zip(args.chunks, results):
            result.mkdir()
            process = multiprocessing.get_context('spawn').Process(target=run, args=(args, chunk, result))
            process.start()
            process.join()
            if process.exitcode:
                raise SystemExit(f'{chunk} objects at a time: the process ended with status {process.exitcode}')
            cost = torch.load(result / 'cost.pth')
            difference, pixels = compare(result, results[0], cost['frames'])
            print(f'{cost["objects"]} objects, {cost["frames"]} frames, {chunk:3} at a time: peak {cost["peak"]:7.0f} '
                  f'MiB, {cost["seconds"]:6.2f} s a frame; largest difference of a probability {difference:.1e}, at '
                  f'most {pixels} pixels of a frame', flush=True)


if __name__ == '__main__':
    main()
