"""What many objects cost: peak memory and time for different numbers of objects that go through the network together.

Each size runs in a process of its own, on the first frames of a clip with the given masks of its first frame; the
results are compared.

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

import torch

from vosreg.datasets.frame_files import list_images
from vosreg.engine import load_config, load_weights
from vosreg.engine.checkpoints import load_from_local
from vosreg.fileio.images import read_image, read_mask
from vosreg.registry import MODELS


def run(args: argparse.Namespace, chunk: int, result: Path) -> None:
    """Segment the clip and write the probabilities, seconds a frame and peak of the resident memory in MiB."""
    torch.manual_seed(0)
    config = load_config(args.config)
    model = MODELS.build(dict(config.model, object_chunk=chunk)).eval()
    if args.checkpoint:
        load_weights(model, load_from_local(args.checkpoint), args.checkpoint)
    paths = list(list_images(args.frames).values())[:args.num_frames]
    stream = model.stream(args.frames.name)
    start = time.perf_counter()
    for t, path in enumerate(paths):
        frame = torch.from_numpy(read_image(path)).permute(2, 0, 1)
        prob = stream.step(frame, read_mask(args.mask) if t == 0 else None)
    seconds = (time.perf_counter() - start) / len(paths)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    torch.save(dict(prob=prob, seconds=seconds, peak=peak, objects=len(stream.object_ids)), result)


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('frames', type=Path, help='folder with the frames of a clip')
    parser.add_argument('mask', help='index mask of its first frame')
    parser.add_argument('--config', default='xmem/xmem_efficientnet-lite0_synthetic.py')
    parser.add_argument('--checkpoint', help='without one the weights are random, which costs as much')
    parser.add_argument('--num-frames', type=int, default=6, help='default: %(default)s')
    parser.add_argument('--chunks', type=int, nargs='+', default=[1, 8, 44], help='default: %(default)s')
    return parser.parse_args()


def main() -> None:
    args = parse_args()
    reference = None
    with tempfile.TemporaryDirectory() as folder:
        for chunk in args.chunks:
            path = Path(folder) / f'{chunk}.pth'
            process = multiprocessing.get_context('spawn').Process(target=run, args=(args, chunk, path))
            process.start()
            process.join()
            if process.exitcode:
                raise SystemExit(f'{chunk} objects at a time: the process ended with status {process.exitcode}')
            result = torch.load(path)
            reference = result['prob'] if reference is None else reference
            print(f'{result["objects"]} objects, {chunk:3} at a time: peak {result["peak"]:7.0f} MiB, '
                  f'{result["seconds"]:6.2f} s a frame, largest difference of a probability '
                  f'{(result["prob"] - reference).abs().max():.1e}', flush=True)


if __name__ == '__main__':
    main()
