"""What the benchmarks of inference share: a real clip at any size, and two ways to compute measured in turn."""
import ctypes
import time
from pathlib import Path
from typing import Callable, Dict, List, Tuple

import torch
import torch.nn.functional as F
from mmengine.registry import init_default_scope
from mmengine.runner import CheckpointLoader
from torch import Tensor

from vosreg.datasets.frame_files import list_images
from vosreg.engine import load_config, load_weights
from vosreg.engine.checkpoint_config import drop_training_parts
from vosreg.fileio import read_image, read_mask
from vosreg.models import MatchingVOS
from vosreg.registry import MODELS

STRIDE = 16


def build_model(config: str, checkpoint: str = '') -> MatchingVOS:
    """The model of a config for inference; without a checkpoint with random weights, which cost as much."""
    init_default_scope('vosreg')
    torch.manual_seed(0)
    config = load_config(config).model
    drop_training_parts(config)
    model = MODELS.build(config).eval()
    if checkpoint:
        load_weights(model, CheckpointLoader.load_checkpoint(checkpoint, 'cpu'), checkpoint)
    return model


def load_clip(davis: Path, video: str, height: int, num_objects: int, num_frames: int) -> Tuple[List[Tensor], Tensor]:
    """A clip of a data set in DAVIS layout, played forwards and backwards in turn if it is too short.

    Returns:
        Frames uint8 [3, height, W] and the index mask of the first frame with ids 1 to ``num_objects``; W is the next
        multiple of the network's stride.
    """
    paths = list_images(davis / 'JPEGImages' / '480p' / video)
    first, *_ = names = list(paths)
    mask = torch.from_numpy(read_mask(davis / 'Annotations' / '480p' / video / f'{first}.png'))
    if int(mask.max()) < num_objects:
        raise SystemExit(f'{video} has {int(mask.max())} objects, not {num_objects}')
    mask = torch.where(mask <= num_objects, mask, 0)
    width = round(height * mask.shape[1] / mask.shape[0] / STRIDE) * STRIDE
    order = [*names, *names[-2:0:-1]][:num_frames]
    images = [torch.from_numpy(read_image(paths[name])).permute(2, 0, 1) for name in order]
    frames = [F.interpolate(image[None].float(), (height, width), mode='bilinear').byte()[0] for image in images]
    mask = F.interpolate(mask[None, None].float(), (height, width), mode='nearest').long()[0, 0]
    return [frames[t % len(frames)] for t in range(num_frames)], mask


def seconds(function: Callable) -> Tuple[float, object]:
    """How long a call takes, and its result."""
    start = time.perf_counter()
    result = function()
    return time.perf_counter() - start, result


def in_turn(variants: Dict[str, Callable], repeats: int) -> Tuple[Dict[str, float], Dict[str, object]]:
    """Median seconds of each variant, measured in turn after a first call of each, and the results."""
    results = {name: function() for name, function in variants.items()}
    times: Dict[str, List[float]] = {name: [] for name in variants}
    for _ in range(repeats):
        for name, function in variants.items():
            times[name].append(seconds(function)[0])
    return {name: torch.tensor(values).median().item() for name, values in times.items()}, results


def peak_megabytes(function: Callable) -> float:
    """By how much a call raises the resident memory of the process at most, in MiB (Linux with glibc)."""
    ctypes.CDLL(None).malloc_trim(0)  # Else what was freed before and is kept for reuse would not count.
    Path('/proc/self/clear_refs').write_text('5')
    before = _status_megabytes('VmRSS')
    function()
    return _status_megabytes('VmHWM') - before


def _status_megabytes(name: str) -> float:
    lines = Path('/proc/self/status').read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name)) / 1024
