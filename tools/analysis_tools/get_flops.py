"""Count the parameters and multiply-adds of the parts of a model, for one frame of a video.

A multiply-add counts once; OpenMMLab's tools call that a FLOP, others two. What adds no products is not counted.

Example:
    python tools/analysis_tools/get_flops.py stcn/stcn_resnet50_davis2017.py --objects 3
"""
import argparse
from typing import Callable, Dict, NamedTuple, Tuple

import torch
from mmengine.config import DictAction
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from vosreg.engine import build_for_inference, expected_errors, load_config
from vosreg.models.segmentors import MatchingVOS
from vosreg.registry import MEMORY_BANKS


class Cost(NamedTuple):
    """What a part of a model costs: parameters, multiply-adds each time that it runs."""
    parameters: int
    multiply_adds: int


def _sparse_readout_flops(rows_shape, indices_shape, *_, **__) -> int:
    """A sparse readout multiplies and adds one row for each index, which PyTorch does not count by itself."""
    return 2 * indices_shape.numel() * rows_shape[1]


SPARSE_READOUT = {torch.ops.aten._embedding_bag_forward_only: _sparse_readout_flops,
                  torch.ops.aten._embedding_bag: _sparse_readout_flops}


def count(function: Callable) -> Tuple[object, int]:
    """Call a function and count its multiply-adds."""
    with FlopCounterMode(display=False, custom_mapping=SPARSE_READOUT) as counter:
        result = function()
    return result, counter.get_total_flops() // 2


@torch.no_grad()
def costs(model: MatchingVOS, height: int, width: int, num_objects: int, memory_frames: int) -> Dict[str, Cost]:
    """The costs of the parts.

    Args:
        model: The model.
        height: Of the image, before it is padded.
        width: Likewise.
        num_objects: Objects in the frame.
        memory_frames: Frames that were written to memory before.

    Returns:
        By part. The value encoder runs for memory frames only, the others for every frame.
    """
    height, width = (-(-side // model.pad_multiple) * model.pad_multiple for side in (height, width))
    image = torch.rand(1, 3, height, width)
    masks = torch.rand(1, num_objects, height, width).softmax(1)
    memory = MEMORY_BANKS.build(model.test_memory)
    features, encode = count(lambda: model.encode(image))
    _, memorize = count(lambda: model.memorize(image, features, masks, memory, 0, permanent=True))
    for frame in range(1, memory_frames):
        model.memorize(image, features, masks, memory, frame)
    _, read = count(lambda: memory.read(features))
    _, read_and_decode = count(lambda: model.step(features, memory, (height, width)))
    deep_update = _number(model.deep_update) if model.deep_update else 0
    return {
        'key encoder': Cost(_number(model.key_encoder), encode),
        'memory read': Cost(0, read),
        'readout head': Cost(_number(model.head), read_and_decode - read),
        'value encoder': Cost(_number(model.value_encoder) + deep_update, memorize),
    }


def _number(module: nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())


def print_costs(parts: Dict[str, Cost], mem_every: int) -> None:
    """Print the parts and what a frame costs on average, if one in ``mem_every`` is a memory frame."""
    print(f'{"":>15}{"parameters / M":>17}{"multiply-adds / G":>20}')
    for name, cost in parts.items():
        print(f'{name:>15}{cost.parameters / 1e6:17.3f}{cost.multiply_adds / 1e9:20.3f}')
    every_frame = sum(cost.multiply_adds for name, cost in parts.items() if name != 'value encoder')
    mean = every_frame + parts['value encoder'].multiply_adds / mem_every
    print(f'{"mean of a frame":>15}{sum(cost.parameters for cost in parts.values()) / 1e6:17.3f}{mean / 1e9:20.3f}')
    print(f'(a memory frame, which the value encoder sees too, is one in {mem_every})')


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('config', help='a config file, or one that comes with vosreg by its path inside configs/')
    parser.add_argument(
        '--shape', nargs=2, type=int, default=(480, 854), metavar=('HEIGHT', 'WIDTH'), help='default: 480 854')
    parser.add_argument('--objects', type=int, default=1, help='objects in the video (%(default)s)')
    parser.add_argument('--memory-frames', type=int, default=10, help='frames in memory (%(default)s)')
    parser.add_argument('--cfg-options', nargs='+', action=DictAction, metavar='KEY=VALUE', help='change the config')
    return parser.parse_args()


@expected_errors()
def main() -> None:
    args = parse_args()
    config = load_config(args.config, args.cfg_options)
    model = build_for_inference(config)
    if not isinstance(model, MatchingVOS):
        raise SystemExit(f'error: {config.filename} has a {type(model).__name__}, which has no parts to count')
    parts = costs(model, *args.shape, args.objects, args.memory_frames)
    print(f'{args.shape[0]} x {args.shape[1]} pixels, {args.objects} objects, {args.memory_frames} frames in memory')
    print_costs(parts, model.test_cfg.get('mem_every', 5))


if __name__ == '__main__':
    main()
