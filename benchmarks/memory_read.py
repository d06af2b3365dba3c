"""Reading the memory, affinity to readout: top-k rows of a preallocated memory against a dense matrix.

Keys and values are those of a real clip. Both ways read the same memory; the results are compared.

Example:
    python benchmarks/memory_read.py data/DAVIS
"""
import argparse
from pathlib import Path

import torch
from plain_stcn import PlainSTCN
from side_by_side import build_model, in_turn, load_clip, peak_megabytes

from vosreg.models import MatchingVOS
from vosreg.registry import MEMORY_BANKS


@torch.no_grad()
def compare(model: MatchingVOS, args: argparse.Namespace, num_objects: int) -> float:
    """Measure both ways and print a row; the ratio of the times."""
    frames, mask = load_clip(args.davis, args.video, args.height, num_objects, args.memory_frames + 1)
    plain, memory = PlainSTCN(model), MEMORY_BANKS.build(model.test_memory)
    masks = (mask == torch.arange(1, num_objects + 1)[:, None, None])[None].float()
    for t, frame in enumerate(frames[:-1]):
        image = model.data_preprocessor.normalise(frame)[None]
        features = model.encode(image)
        plain.memorize(image, features, masks)
        value = plain.memory['value'][..., -features.key[0, 0].numel():]
        memory.write(features, value.unflatten(2, features.key.shape[-2:])[None].contiguous(), t)
    query = model.encode(model.data_preprocessor.normalise(frames[-1])[None])

    ways = dict(plain=lambda: plain.read(query), ours=lambda: memory.read(query)[0])
    times, results = in_turn(ways, args.repeats)
    largest = float(plain.memory['value'].abs().max())
    torch.testing.assert_close(results['ours'], results['plain'], rtol=1e-3, atol=1e-3 * largest)
    peaks = {name: peak_megabytes(read) for name, read in ways.items()}
    ratio = times['plain'] / times['ours']
    print(f'{num_objects:7} {1000 * times["plain"]:9.1f} {1000 * times["ours"]:9.1f} {ratio:7.2f} '
          f'{peaks["plain"]:10.0f} {peaks["ours"]:9.0f} {peaks["plain"] / max(peaks["ours"], 1):7.2f}', flush=True)
    return ratio


def parse_args(arguments=None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('davis', type=Path, help='root of a data set in DAVIS layout')
    parser.add_argument('--video', default='schoolgirls', help='default: %(default)s')
    parser.add_argument('--config', default='stcn/stcn_resnet50_davis2017.py', help='an STCN (default: %(default)s)')
    parser.add_argument('--height', type=int, default=480, help='default: %(default)s')
    parser.add_argument('--objects', type=int, nargs='+', default=[1, 3], help='default: %(default)s')
    parser.add_argument('--memory-frames', type=int, default=20, help='default: %(default)s')
    parser.add_argument('--repeats', type=int, default=7, help='default: %(default)s')
    return parser.parse_args(arguments)


def main(arguments=None) -> None:
    args = parse_args(arguments)
    model = build_model(args.config)
    print('objects  plain/ms   ours/ms   ratio  plain/MiB  ours/MiB   ratio')
    for num_objects in args.objects:
        compare(model, args, num_objects)


if __name__ == '__main__':
    main()
