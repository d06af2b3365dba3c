"""Convert a checkpoint of the official STCN (hkchengrex/STCN) into one of vosreg.

Also one of VOS-Correspondence (wenguanwang/VOS_Correspondence), whose network is STCN's with another decoder. The
result is checked by loading it into the config's model, where every entry must fit.

Example:
    python tools/model_converters/stcn_to_vosreg.py stcn.pth stcn_vosreg.pth
"""
import argparse
import re
from pathlib import Path

import torch
from mmengine.config import Config
from mmengine.registry import init_default_scope

from vosreg.engine.checkpoints import load_from_local
from vosreg.fileio import atomic_path
from vosreg.registry import MODELS

CONFIGS = Path(__file__).parents[2] / 'configs' / '_base_' / 'models'

# Official name -> ours, the first rule that matches. Both trunks are ResNets under timm's names; the official key
# encoder calls the first stage res2.
RULES = [
    (r'key_encoder\.res2\.', 'key_encoder.backbone.model.layer1.'),
    (r'(key_encoder|value_encoder)\.(conv1|bn1|layer\d)\.', r'\1.backbone.model.\2.'),
    (r'key_proj\.key_proj\.', 'key_encoder.key_projection.'),
    (r'key_comp\.', 'key_encoder.context.'),
    (r'key_proj2\.key_proj\.', 'correspondence.0.projection.'),
    (r'value_encoder\.fuser\.', 'value_encoder.fuser.'),
    (r'decoder\.fuser\.', 'head.fuser.'),
    (r'decoder\.compress\.', 'head.fuser.block.'),
    (r'decoder\.up_16_8\.', 'head.upsample.0.'),
    (r'decoder\.up_8_4\.', 'head.upsample.1.'),
    (r'decoder\.pred\.', 'head.predict.'),
]
# Then, outside of the trunks, what the blocks call their parts.
PART_RULES = [
    ('.skip_conv.', '.skip_projection.'),
    ('.out_conv.', '.block.'),
    ('.downsample.', '.shortcut.'),
    ('.ChannelGate.mlp.1.', '.channel_gate.0.'),
    ('.ChannelGate.mlp.3.', '.channel_gate.2.'),
    ('.SpatialGate.spatial.conv.', '.spatial_gate.'),
]


def convert(official: dict) -> dict:
    """Rename the entries of an official state dict and fold what has no place here.

    The official value trunk has a bias in every convolution before a BatchNorm. The BatchNorms are frozen, so a bias b
    is the same as a running mean that is smaller by b: it is folded there, and timm's bias-free ResNet computes the
    same numbers. The official fuser of VOS-Correspondence's decoder takes the key encoder's map first and then the
    readout, ours the other way round.

    Args:
        official: State dict of STCN or VOS-Correspondence, with or without the prefix of DataParallel.

    Returns:
        State dict of :class:`MatchingVOS`.

    Raises:
        ValueError: An entry is not one of theirs.
    """
    official = {name.removeprefix('module.'): tensor for name, tensor in official.items()}
    converted, biases = {}, {}
    for name, tensor in official.items():
        normalisation = _normalisation_after(name)
        if normalisation:
            biases[f'{normalisation}.running_mean'] = tensor
        elif re.fullmatch(r'decoder\.fuser\.block1\.(conv1|downsample)\.weight', name):
            readout_channels = official['value_encoder.fuser.block2.conv2.weight'].shape[0]
            converted[_rename(name)] = tensor.roll(readout_channels, dims=1)
        else:
            converted[_rename(name)] = tensor.clone()
    for name, bias in biases.items():
        converted[_rename(name)] -= bias
    return converted


def _normalisation_after(name: str) -> str:
    """The BatchNorm that follows the convolution of a trunk bias, or '' for any other entry."""
    match = re.fullmatch(r'(value_encoder\.(?:layer\d\.\d\.)?)(conv(\d)|downsample\.0)\.bias', name)
    if not match:
        return ''
    return match[1] + (f'bn{match[3]}' if match[3] else 'downsample.1')


def _rename(name: str) -> str:
    for pattern, replacement in RULES:
        renamed, count = re.subn('^' + pattern, replacement, name)
        if count:
            if '.backbone.' not in renamed:
                for official, ours in PART_RULES:
                    renamed = renamed.replace(official, ours)
            return renamed
    raise ValueError(f'{name} is not an entry of an STCN state dict, nor of VOS-Correspondence')


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('source', help='official checkpoint, for example stcn.pth')
    parser.add_argument('target', help='checkpoint to write')
    parser.add_argument('--config', help='config whose model it must fit; by default that of the official network')
    return parser.parse_args()


def main() -> None:
    args = parse_args()
    source = load_from_local(args.source, map_location='cpu')
    state_dict = convert(source.get('network', source))
    is_stcn = 'key_encoder.context.weight' in state_dict

    init_default_scope('vosreg')
    config = Config.fromfile(args.config or CONFIGS / ('stcn_resnet50.py' if is_stcn else 'corr_resnet50.py'))
    config.model.pop('correspondence', None)
    model = MODELS.build(config.model)
    single_object = state_dict['value_encoder.backbone.model.conv1.weight'].shape[1] == 4
    # The projection of a correspondence loss is there after official training only, and nothing needs it.
    needed = {name: tensor for name, tensor in state_dict.items() if not name.startswith('correspondence.')}
    model.load_state_dict(needed, strict=True)
    meta = {'converted_from': 'STCN' if is_stcn else 'VOS-Correspondence', 'source': Path(args.source).name}
    with atomic_path(args.target) as temporary:
        torch.save({'state_dict': state_dict, 'meta': meta}, temporary)
    print(f'wrote {args.target}: {len(state_dict)} entries'
          + (' of a single-object network (static-image stage)' if single_object else ''))


if __name__ == '__main__':
    main()
