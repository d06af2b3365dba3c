"""Make a checkpoint of training fit for publishing: the weights, what they are, and a hash in the name.

Optimizer, schedulers, message hub and the second set of weights that an EMA keeps are left out, and so is what only
correspondence losses need. What is left is checked by loading it into the model of the config, and safe to load.

Example:
    python tools/model_converters/publish_model.py work_dirs/stcn/iter_150000.pth checkpoints/stcn.pth --fp16 \
        --dataset 'DAVIS 2017' --metrics 'DAVIS 2017 val/J&F=81.2'
    # writes checkpoints/stcn-1a2b3c4d.pth
"""
import argparse
import hashlib
import io
import re
from pathlib import Path
from typing import Dict, Tuple

import torch
from mmengine.config import Config, DictAction
from torch import Tensor, nn

from vosreg.engine import CheckpointError, build_for_inference, embedded_config, expected_errors, load_config
from vosreg.engine.checkpoints import allow_code, load_from_local
from vosreg.engine.hooks.versions_hook import versions
from vosreg.fileio import atomic_path

# What is kept of the meta data of training or of a converter.
KEPT = ('experiment_name', 'iter', 'seed', 'versions', 'converted_from', 'source')


def public_config(config: Config) -> Config:
    """The config without what is true of one run on one machine only."""
    changed = dict(work_dir=None, load_from=None, resume=False, launcher='none')
    return Config({**config.to_dict(), **{key: value for key, value in changed.items() if key in config}})


def public_weights(model: nn.Module, source: str, fp16: bool) -> Dict[str, Tensor]:
    """The weights that a model took from a checkpoint.

    Args:
        model: The model.
        source: Where the checkpoint comes from, for the message.
        fp16: Round kernels and matrices to float16. Vectors stay as they are: they take no space, and statistics of
            BatchNorms may be too small for it.

    Raises:
        CheckpointError: Weights are infinite or not a number.
    """
    weights = {name: tensor.contiguous() for name, tensor in model.state_dict().items()}
    if fp16:
        weights = {name: tensor.half() if tensor.is_floating_point() and tensor.ndim > 1 else tensor
                   for name, tensor in weights.items()}
    broken = [name for name, tensor in weights.items() if not tensor.isfinite().all()]
    if broken:
        raise CheckpointError(f'{source} has weights that are not finite{" in float16" if fp16 else ""}: '
                              f'{", ".join(broken[:3])}{", ..." if len(broken) > 3 else ""} ({len(broken)} of them); '
                              'publish an earlier checkpoint')
    return weights


def write_with_hash(checkpoint: dict, target: Path) -> Tuple[Path, str]:
    """Write ``NAME-HASH.pth``; the same content gives the same hash.

    Returns:
        The path and the whole SHA-256.
    """
    # torch.save puts the name of a file into it, but not that of a buffer.
    buffer = io.BytesIO()
    torch.save(checkpoint, buffer)
    sha256 = hashlib.sha256(buffer.getvalue()).hexdigest()
    path = target.with_name(f'{target.stem}-{sha256[:8]}.pth')
    with atomic_path(path) as temporary:
        temporary.write_bytes(buffer.getvalue())
    return path, sha256


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('checkpoint', help='file that training or a converter wrote')
    parser.add_argument('target', type=Path, help='FOLDER/NAME.pth; FOLDER/NAME-HASH.pth is written')
    parser.add_argument('--config', help='what it was trained with; by default the config that the checkpoint holds')
    parser.add_argument('--fp16', action='store_true', help='half the size; it loads into float32 models as before')
    parser.add_argument('--dataset', nargs='+', metavar='NAME', help='what it was trained on')
    parser.add_argument(
        '--metrics', nargs='+', action=DictAction, metavar='NAME=VALUE', help="such as 'DAVIS 2017 val/J&F=81.2'")
    parser.add_argument(
        '--trust-checkpoint', action='store_true', help='let a checkpoint run the code that it holds')
    return parser.parse_args()


@expected_errors()
def main() -> None:
    args = parse_args()
    allow_code(args.trust_checkpoint)
    checkpoint = load_from_local(args.checkpoint, map_location='cpu')
    config = load_config(args.config) if args.config else embedded_config(checkpoint, args.checkpoint)
    published_config = public_config(config)  # A copy: building for inference takes the losses out of the config.
    model = build_for_inference(config if args.config else None, args.checkpoint)
    # MMEngine's EMA has already put its averages into state_dict.
    weights = public_weights(model, args.checkpoint, args.fp16)
    meta = {key: value for key, value in checkpoint.get('meta', {}).items() if key in KEPT}
    meta.update(
        cfg=published_config.pretty_text, dataset=args.dataset or [], metrics=args.metrics or {},
        published_with=versions())
    path, sha256 = write_with_hash({'meta': meta, 'state_dict': weights}, args.target)
    load_from_local(str(path))

    print(f'wrote {path}: {sum(map(torch.numel, weights.values())) / 1e6:.1f} M numbers, '
          f'{path.stat().st_size / 1e6:.1f} MB. For the metafile:\n    Weights: {path}\n    SHA256: {sha256}')
    local_paths = sorted(set(re.findall(r"'(/[^']*)'", meta['cfg'])))
    if local_paths:
        print(f'its config names paths of this machine: {", ".join(local_paths)}')


if __name__ == '__main__':
    main()
