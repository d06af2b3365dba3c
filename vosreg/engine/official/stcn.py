"""STCN (hkchengrex/STCN) and VOS-Correspondence (wenguanwang/VOS_Correspondence), whose decoder is another one.

The official value trunk has a bias in every convolution before a BatchNorm. The BatchNorms are frozen, so a bias b is
the same as a running mean that is smaller by b: it is folded there, and timm's bias-free ResNet computes the same
numbers. The way back writes biases of 0.

The official fuser of VOS-Correspondence's decoder takes the key encoder's map first and then the readout, ours the
other way round.
"""
import re
from typing import Dict, Tuple

import torch
from torch import Tensor

from .names import NameTable, swap_inputs

NAMES = NameTable('STCN or VOS-Correspondence', (
    ('key_comp.', 'key_encoder.context.'),
    ('key_proj2.key_proj.', 'correspondence.0.projection.'),
    ('decoder.compress.', 'head.fuser.block.'),
))
TRUNK_CONVOLUTION = re.compile(r'(value_encoder\.(?:layer\d\.\d\.)?)(?:conv(\d)|downsample\.0)\.')
FUSER_INPUT = re.compile(r'decoder\.fuser\.block1\.(conv1|downsample)\.weight')


def is_stcn(state_dict: Dict[str, Tensor]) -> bool:
    """Whether entries of ours are those of STCN; else they are those of VOS-Correspondence."""
    return 'key_encoder.context.weight' in state_dict


def to_vosreg(official: Dict[str, Tensor]) -> Dict[str, Tensor]:
    """Entries of :class:`MatchingVOS` from official ones.

    Raises:
        ValueError: An entry is not one of theirs.
    """
    names = {name: NAMES.ours(name) for name in official}
    map_channels, readout_channels = _fused_channels(official, 'key_proj.key_proj.weight')
    converted, biases = {}, {}
    for name, tensor in official.items():
        convolution = TRUNK_CONVOLUTION.match(name)
        if convolution and name.endswith('.bias'):
            biases[_normalisation_after(convolution)] = tensor
            continue
        if FUSER_INPUT.fullmatch(name):
            tensor = swap_inputs(tensor, map_channels, readout_channels)
        converted[names[name]] = tensor.clone()
    for normalisation, bias in biases.items():
        converted[names[f'{normalisation}.running_mean']] -= bias
    return converted


def from_vosreg(state_dict: Dict[str, Tensor]) -> Dict[str, Tensor]:
    """Official entries from those of :class:`MatchingVOS`; the official code loads them.

    Raises:
        ValueError: An entry has no place there.
    """
    map_channels, readout_channels = _fused_channels(state_dict, 'key_encoder.key_projection.weight')
    official = {}
    for name, tensor in state_dict.items():
        name = NAMES.official(name)
        if FUSER_INPUT.fullmatch(name):
            tensor = swap_inputs(tensor, readout_channels, map_channels)
        official[name] = tensor.clone()
        if TRUNK_CONVOLUTION.match(name):
            official[name.replace('.weight', '.bias')] = torch.zeros(len(tensor))
    return official


def _normalisation_after(convolution: re.Match) -> str:
    return convolution[1] + (f'bn{convolution[2]}' if convolution[2] else 'downsample.1')


def _fused_channels(state_dict: Dict[str, Tensor], key_projection: str) -> Tuple[int, int]:
    return state_dict[key_projection].shape[1], state_dict['value_encoder.fuser.block2.conv2.weight'].shape[0]
