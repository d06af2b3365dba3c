"""Convert a checkpoint of the official XMem (hkchengrex/XMem) into one of vosreg.

The result is checked by loading it into the config's model, where every entry must fit.

Example:
    python tools/model_converters/xmem_to_vosreg.py XMem.pth xmem_vosreg.pth
"""
import argparse
import re
from pathlib import Path

import torch

from vosreg.engine.official_checkpoints import read_official, rename, write_converted
from vosreg.packaged import packaged_path

RULES = (
    (r'key_proj\.d_proj\.', 'key_encoder.shrinkage_projection.'),
    (r'key_proj\.e_proj\.', 'key_encoder.selection_projection.'),
    (r'value_encoder\.hidden_reinforce\.transform\.', 'deep_update.gates.'),
    (r'decoder\.hidden_update\.g16_conv\.', 'head.sensory_update.projections.0.'),
    (r'decoder\.hidden_update\.g8_conv\.', 'head.sensory_update.projections.1.'),
    (r'decoder\.hidden_update\.g4_conv\.', 'head.sensory_update.projections.2.'),
    (r'decoder\.hidden_update\.transform\.', 'head.sensory_update.update.gates.'),
)


def convert(official: dict) -> dict:
    """Rename the entries of an official state dict.

    The official fusers take the key encoder's map first, ours last but for the sensory state: their first convolutions
    get their input channels in another order.

    Args:
        official: State dict of XMem.

    Returns:
        State dict of :class:`MatchingVOS`.

    Raises:
        ValueError: An entry is not one of XMem.
    """
    map_channels = official['key_proj.key_proj.weight'].shape[1]
    value_channels = official['value_encoder.fuser.block2.conv2.weight'].shape[0]
    converted = {}
    for name, tensor in official.items():
        if re.fullmatch(r'value_encoder\.fuser\.block1\.(conv1|downsample)\.weight', name):
            base, trunk = tensor[:, :map_channels], tensor[:, map_channels:]
            tensor = torch.cat([trunk, base], dim=1)
        elif re.fullmatch(r'decoder\.fuser\.block1\.(conv1|downsample)\.weight', name):
            base, readout, sensory = tensor.tensor_split([map_channels, map_channels + value_channels], dim=1)
            tensor = torch.cat([readout, base, sensory], dim=1)
        converted[rename(name, RULES, 'an XMem state dict')] = tensor.clone()
    return converted


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('source', help='official checkpoint, for example XMem.pth')
    parser.add_argument('target', help='checkpoint to write')
    parser.add_argument('--config', help='config whose model it must fit; by default that of the official network')
    return parser.parse_args()


def main() -> None:
    args = parse_args()
    write_converted(
        convert(read_official(args.source)), args.target,
        args.config or packaged_path('configs') / '_base_' / 'models' / 'xmem_resnet50.py',
        meta=dict(converted_from='XMem', source=Path(args.source).name))


if __name__ == '__main__':
    main()
