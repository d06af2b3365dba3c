"""Where the time of one frame goes: each part of a model, on a real clip after its first memory frames.

Parts are timed from outside, so the columns add up to the frame; 'rest' is padding, upsampling, aggregation and what is
between the parts. The value encoder runs on memory frames only: its column is its time a memory frame, and its share of
an average frame is in 'frame'. Reading frames and writing masks is measured by itself and is not part of 'frame'.

The plain ways of benchmarks/plain_stcn.py and benchmarks/plain_xmem.py are profiled too, in float32 and on frames that
are normalised already; there all of reading the memory is in 'affinity', and the aggregation in 'rest'.

Example:
    python benchmarks/inference_profile.py data/DAVIS --configs stcn/stcn_resnet50_davis2017.py --objects 1 3 7
"""
import argparse
import statistics
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import Callable, Dict, List
from unittest import mock

import torch
from plain_xmem import plain_stream
from side_by_side import build_model, load_clip, seconds

from vosreg.fileio import read_image, write_image, write_mask
from vosreg.models import MatchingVOS
from vosreg.models.memory_banks import long_term_memory, object_group, stream_memory
from vosreg.models.segmentors import matching_vos, video_stream

CONFIGS = ('stcn/stcn_resnet50_davis2017.py', 'xmem/xmem_resnet50_davis2017.py',
           'stcn/stcn_efficientnet-lite0_synthetic.py', 'xmem/xmem_efficientnet-lite0_synthetic.py')
PARTS = ('key encoder', 'affinity', 'top-k', 'readout', 'head', 'value encoder', 'aggregation', 'rest')


class Parts:
    """Seconds of the calls of named functions."""

    def __init__(self) -> None:
        self.seconds: Dict[str, List[float]] = defaultdict(list)

    def timed(self, name: str, function: Callable) -> Callable:
        def call(*args, **kwargs):
            duration, result = seconds(lambda: function(*args, **kwargs))
            self.seconds[name].append(duration)
            return result
        return call


def profile_plain(model: MatchingVOS, frames: List[torch.Tensor], mask: torch.Tensor) -> Dict[str, float]:
    """What :func:`profile` measures, of the plain way."""
    parts = Parts()
    plain = plain_stream(model)
    images = [model.data_preprocessor.normalise(frame) for frame in frames]
    plain.step(images[0], mask)
    plain.model.encode = parts.timed('key encoder', plain.model.encode)
    for name in ('read', 'segment', 'memorize'):
        setattr(plain, name, parts.timed(name, getattr(plain, name)))
    total, _ = seconds(lambda: [plain.step(image).argmax(0) for image in images[1:]])
    read, segment = sum(parts.seconds['read']), sum(parts.seconds['segment'])
    parts.seconds.update({'affinity': [read], 'head': [segment - read], 'value encoder': parts.seconds['memorize']})
    return summary(parts, total, len(images) - 1)


def profile(model: MatchingVOS, frames: List[torch.Tensor], mask: torch.Tensor, amp: bool) -> Dict[str, float]:
    """Milliseconds of each part: of the value encoder a memory frame, of the others a frame, the first one left out."""
    parts = Parts()
    stream = model.stream()
    patches = [
        *(mock.patch.object(module, 'forward', parts.timed(name, module.forward)) for name, module in {
            'key encoder': stream.model.key_encoder,
            'value encoder': stream.model.value_encoder,
            'head': stream.model.head}.items()),
        mock.patch.object(stream.memory, 'read', parts.timed('read', stream.memory.read)),
        mock.patch.object(object_group, 'sparse_readout', parts.timed('readout', object_group.sparse_readout)),
        mock.patch.object(matching_vos, 'aggregate_logits', parts.timed('aggregation', matching_vos.aggregate_logits)),
        mock.patch.object(video_stream, 'soft_aggregate', parts.timed('aggregation', video_stream.soft_aggregate)),
        *(mock.patch.object(module, 'topk_softmax', parts.timed('top-k', module.topk_softmax))
          for module in (stream_memory, long_term_memory))]
    with torch.autocast('cpu', dtype=torch.bfloat16, enabled=amp):
        stream.step(frames[0], mask)
        for patch in patches:
            patch.start()
        total, _ = seconds(lambda: [stream.index_mask(stream.step(frame), frame.shape[-2:]) for frame in frames[1:]])
        mock.patch.stopall()
    read = sum(parts.seconds['read'])
    parts.seconds['affinity'] = [read - sum(parts.seconds['top-k']) - sum(parts.seconds['readout'])]
    return summary(parts, total, len(frames) - 1)


def summary(parts: Parts, total: float, num_frames: int) -> Dict[str, float]:
    """Milliseconds of each part from the seconds of its calls and those of all frames."""
    times = {name: sum(parts.seconds[name]) / num_frames for name in PARTS}
    times['frame'] = total / num_frames
    times['rest'] = times['frame'] - sum(times[name] for name in PARTS)
    if parts.seconds['value encoder']:
        times['value encoder'] = statistics.median(parts.seconds['value encoder'])
    return {name: 1000 * value for name, value in times.items()}


def file_milliseconds(frame: torch.Tensor, mask: torch.Tensor, repeats: int = 5) -> Dict[str, float]:
    """Median milliseconds of reading a frame and of writing a mask of this size."""
    with tempfile.TemporaryDirectory() as folder:
        image, png = Path(folder) / 'frame.jpg', Path(folder) / 'mask.png'
        write_image(image, frame.permute(1, 2, 0).contiguous().numpy())
        calls = {
            'read a frame': lambda: read_image(image),
            'write a mask': lambda: write_mask(png, mask.byte().numpy())}
        return {name: 1000 * statistics.median(seconds(call)[0] for _ in range(repeats))
                for name, call in calls.items()}


def parse_args(arguments=None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('davis', type=Path, help='root of a data set in DAVIS layout')
    parser.add_argument('--video', default='schoolgirls', help='default: %(default)s')
    parser.add_argument('--configs', nargs='+', default=CONFIGS, help='default: %(default)s')
    parser.add_argument('--heights', type=int, nargs='+', default=[240, 480], help='default: %(default)s')
    parser.add_argument('--objects', type=int, nargs='+', default=[1, 3, 7], help='default: %(default)s')
    parser.add_argument('--num-frames', type=int, default=11, help='a memory frame every 5 (default: %(default)s)')
    parser.add_argument('--amp', action='store_true', help='autocast to bfloat16')
    return parser.parse_args(arguments)


def main(arguments=None) -> None:
    args = parse_args(arguments)
    columns = (*PARTS, 'frame')
    print(f'milliseconds on the CPU, {torch.get_num_threads()} threads')
    for config in args.configs:
        model = build_model(config)
        print(f'\n{Path(config).stem}\nheight objects    way  ' + '  '.join(columns))
        for height in args.heights:
            for num_objects in args.objects:
                frames, mask = load_clip(args.davis, args.video, height, num_objects, args.num_frames)
                ways = dict(plain=profile_plain(model, frames, mask), ours=profile(model, frames, mask, args.amp))
                for way, times in ways.items():
                    cells = '  '.join(f'{times[name]:{len(name)}.1f}' for name in columns)
                    print(f'{height:6} {num_objects:7}  {way:>5}  {cells}', flush=True)
            print(', '.join(f'{name} {ms:.1f} ms' for name, ms in file_milliseconds(frames[0], mask).items()))


if __name__ == '__main__':
    main()
