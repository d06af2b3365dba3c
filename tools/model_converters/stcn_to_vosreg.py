"""Convert a checkpoint of the official STCN (hkchengrex/STCN) into one of vosreg.

Also one of VOS-Correspondence (wenguanwang/VOS_Correspondence), whose network is STCN's with another decoder. The
result is checked by loading it into the config's model, where every entry must fit.

Example:
    python tools/model_converters/stcn_to_vosreg.py stcn.pth stcn_vosreg.pth
"""
import argparse
import re
from pathlib import Path

from vosreg.engine.official_checkpoints import read_official, rename, write_converted
from vosreg.packaged import packaged_path

RULES = (
    (r'key_comp\.', 'key_encoder.context.'),
    (r'key_proj2\.key_proj\.', 'correspondence.0.projection.'),
    (r'decoder\.compress\.', 'head.fuser.block.'),
)


def convert(official: dict) -> dict:
    """Rename the entries of an official state dict and fold what has no place here.

    The official value trunk has a bias in every convolution before a BatchNorm. The BatchNorms are frozen, so a bias b
    is the same as a running mean that is smaller by b: it is folded there, and timm's bias-free ResNet computes the
    same numbers. The official fuser of VOS-Correspondence's decoder takes the key encoder's map first and then the
    readout, ours the other way round.

    Args:
        official: State dict of STCN or VOS-Correspondence.

    Returns:
        State dict of :class:`MatchingVOS`.

    Raises:
        ValueError: An entry is not one of theirs.
    """
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
    return rename(name, RULES, 'an STCN state dict, nor of VOS-Correspondence')


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('source', help='official checkpoint, for example stcn.pth')
    parser.add_argument('target', help='checkpoint to write')
    parser.add_argument('--config', help='config whose model it must fit; by default that of the official network')
    return parser.parse_args()


def main() -> None:
    args = parse_args()
    state_dict = convert(read_official(args.source))
    network = 'STCN' if 'key_encoder.context.weight' in state_dict else 'VOS-Correspondence'
    name = 'stcn_resnet50.py' if network == 'STCN' else 'corr_resnet50.py'
    write_converted(
        state_dict, args.target, args.config or packaged_path('configs') / '_base_' / 'models' / name,
        meta=dict(converted_from=network, source=Path(args.source).name))


if __name__ == '__main__':
    main()
