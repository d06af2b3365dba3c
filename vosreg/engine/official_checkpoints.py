"""What the converters of the official checkpoints of STCN's family share."""
import re
from pathlib import Path
from typing import Dict, Sequence, Tuple, Union

import torch
from mmengine.config import Config
from mmengine.registry import init_default_scope
from torch import Tensor

from vosreg.fileio import atomic_path
from vosreg.registry import MODELS

from .checkpoints import load_from_local

# Official name -> ours, the first rule that matches. Both trunks are ResNets under timm's names; the official key
# encoder calls the first stage res2.
SHARED_RULES = (
    (r'key_encoder\.res2\.', 'key_encoder.backbone.model.layer1.'),
    (r'(key_encoder|value_encoder)\.(conv1|bn1|layer\d)\.', r'\1.backbone.model.\2.'),
    (r'key_proj\.key_proj\.', 'key_encoder.key_projection.'),
    (r'value_encoder\.fuser\.', 'value_encoder.fuser.'),
    (r'decoder\.fuser\.', 'head.fuser.'),
    (r'decoder\.up_16_8\.', 'head.upsample.0.'),
    (r'decoder\.up_8_4\.', 'head.upsample.1.'),
    (r'decoder\.pred\.', 'head.predict.'),
)
# Then, outside of the trunks, what the blocks call their parts.
PART_RULES = (
    ('.skip_conv.', '.skip_projection.'),
    ('.out_conv.', '.block.'),
    ('.downsample.', '.shortcut.'),
    ('.ChannelGate.mlp.1.', '.channel_gate.0.'),
    ('.ChannelGate.mlp.3.', '.channel_gate.2.'),
    ('.SpatialGate.spatial.conv.', '.spatial_gate.'),
)


def rename(name: str, rules: Sequence[Tuple[str, str]], network: str) -> str:
    """Our name of an official entry.

    Args:
        name: Official name.
        rules: Pattern and replacement of the network's own parts; :data:`SHARED_RULES` and :data:`PART_RULES` follow.
        network: What the official network is called, for the error.

    Returns:
        The name in :class:`MatchingVOS`.

    Raises:
        ValueError: The network has no such entry.
    """
    for pattern, replacement in (*rules, *SHARED_RULES):
        renamed, count = re.subn('^' + pattern, replacement, name)
        if count:
            if '.backbone.' not in renamed:
                for official, ours in PART_RULES:
                    renamed = renamed.replace(official, ours)
            return renamed
    raise ValueError(f'{name} is not an entry of {network}')


def read_official(path: Union[str, Path]) -> Dict[str, Tensor]:
    """The state dict of an official checkpoint, with or without what training adds to it."""
    source = load_from_local(str(path), map_location='cpu')
    return {name.removeprefix('module.'): tensor for name, tensor in source.get('network', source).items()}


def write_converted(state_dict: Dict[str, Tensor], target: str, config: Union[str, Path], meta: dict) -> None:
    """Write a converted checkpoint, if every entry fits the model of a config.

    The projection of a correspondence loss is there after official training only, and no model for inference needs it.

    Args:
        state_dict: The converted entries.
        target: The file to write.
        config: Path of the config.
        meta: Where the checkpoint comes from; saved with it.
    """
    init_default_scope('vosreg')
    config = Config.fromfile(config)
    config.model.pop('correspondence', None)
    needed = {name: tensor for name, tensor in state_dict.items() if not name.startswith('correspondence.')}
    MODELS.build(config.model).load_state_dict(needed, strict=True)
    with atomic_path(target) as temporary:
        torch.save({'state_dict': state_dict, 'meta': meta}, temporary)
    single_object = state_dict['value_encoder.backbone.model.conv1.weight'].shape[1] == 4
    print(f'wrote {target}: {len(state_dict)} entries'
          + (' of a single-object network (static-image stage)' if single_object else ''))
