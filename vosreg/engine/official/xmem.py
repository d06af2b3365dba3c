"""XMem (hkchengrex/XMem).

The official fusers take the key encoder's map first, ours last but for the sensory state: their first convolutions get
their input channels in another order.
"""
import re
from typing import Dict

from torch import Tensor

from .names import NameTable, swap_inputs

NAMES = NameTable('XMem', (
    ('key_proj.d_proj.', 'key_encoder.shrinkage_projection.'),
    ('key_proj.e_proj.', 'key_encoder.selection_projection.'),
    ('value_encoder.hidden_reinforce.transform.', 'deep_update.gates.'),
    ('decoder.hidden_update.g16_conv.', 'head.sensory_update.projections.0.'),
    ('decoder.hidden_update.g8_conv.', 'head.sensory_update.projections.1.'),
    ('decoder.hidden_update.g4_conv.', 'head.sensory_update.projections.2.'),
    ('decoder.hidden_update.transform.', 'head.sensory_update.update.gates.'),
))
FUSER_INPUT = re.compile(r'(value_encoder|decoder)\.fuser\.block1\.(conv1|downsample)\.weight')


def to_vosreg(official: Dict[str, Tensor]) -> Dict[str, Tensor]:
    """Entries of :class:`MatchingVOS` from official ones.

    Raises:
        ValueError: An entry is not one of XMem.
    """
    names = {name: NAMES.ours(name) for name in official}
    map_channels = official['key_proj.key_proj.weight'].shape[1]
    converted = {}
    for name, tensor in official.items():
        fuser = FUSER_INPUT.fullmatch(name)
        if fuser:
            tensor = swap_inputs(tensor, map_channels, _after_map(official, fuser, tensor, map_channels))
        converted[names[name]] = tensor.clone()
    return converted


def from_vosreg(state_dict: Dict[str, Tensor]) -> Dict[str, Tensor]:
    """Official entries from those of :class:`MatchingVOS`; the official code loads them.

    Raises:
        ValueError: An entry has no place there.
    """
    map_channels = state_dict['key_encoder.key_projection.weight'].shape[1]
    official = {}
    for name, tensor in state_dict.items():
        name = NAMES.official(name)
        fuser = FUSER_INPUT.fullmatch(name)
        if fuser:
            tensor = swap_inputs(tensor, _after_map(state_dict, fuser, tensor, map_channels), map_channels)
        official[name] = tensor.clone()
    return official


def _after_map(state_dict: Dict[str, Tensor], fuser: re.Match, weight: Tensor, map_channels: int) -> int:
    """How many input channels the official fuser has between the map and the sensory state, if it sees one."""
    if fuser[1] == 'value_encoder':
        return weight.shape[1] - map_channels
    return state_dict['value_encoder.fuser.block2.conv2.weight'].shape[0]
