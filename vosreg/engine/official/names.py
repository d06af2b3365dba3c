"""What STCN's family and we call the same entry of a state dict."""
from typing import Optional, Sequence, Tuple

import torch
from torch import Tensor

Pairs = Sequence[Tuple[str, str]]

# Beginnings of official names and of ours; the first that fits is taken. Both trunks are ResNets under timm's names;
# the official key encoder calls the first stage res2.
SHARED_PREFIXES = (
    ('key_encoder.res2.', 'key_encoder.backbone.model.layer1.'),
    *((f'{encoder}.{part}.', f'{encoder}.backbone.model.{part}.') for encoder in ('key_encoder', 'value_encoder')
      for part in ('conv1', 'bn1', 'layer1', 'layer2', 'layer3')),
    ('key_proj.key_proj.', 'key_encoder.key_projection.'),
    ('value_encoder.fuser.', 'value_encoder.fuser.'),
    ('decoder.fuser.', 'head.fuser.'),
    ('decoder.up_16_8.', 'head.upsample.0.'),
    ('decoder.up_8_4.', 'head.upsample.1.'),
    ('decoder.pred.', 'head.predict.'),
)
# What follows, outside of the trunks: what the blocks call their parts.
PARTS = (
    ('.skip_conv.', '.skip_projection.'),
    ('.out_conv.', '.block.'),
    ('.downsample.', '.shortcut.'),
    ('.ChannelGate.mlp.1.', '.channel_gate.0.'),
    ('.ChannelGate.mlp.3.', '.channel_gate.2.'),
    ('.SpatialGate.spatial.conv.', '.spatial_gate.'),
)


class NameTable:
    """The names of the entries of a network, in both directions.

    Args:
        network: What the official code is called, for errors.
        prefixes: Beginnings of the names of its own parts, official and ours; :data:`SHARED_PREFIXES` follow.
    """

    def __init__(self, network: str, prefixes: Pairs) -> None:
        self.network = network
        self._prefixes = (*prefixes, *SHARED_PREFIXES)

    def ours(self, name: str) -> str:
        """The name in :class:`MatchingVOS` of an official entry; a ValueError if the network has no such entry."""
        translated = _translate(name, self._prefixes, PARTS)
        if translated is None:
            raise ValueError(f'{name} is not an entry of a state dict of the official {self.network}')
        return translated

    def official(self, name: str) -> str:
        """The official name of an entry of :class:`MatchingVOS`; a ValueError if there is none."""
        translated = _translate(name, _turned(self._prefixes), _turned(PARTS))
        if translated is None:
            raise ValueError(f'{name} has no place in a state dict of the official {self.network}')
        return translated


def swap_inputs(weight: Tensor, first: int, second: int) -> Tensor:
    """Swap the first input channels of a convolution with those after them.

    Args:
        weight: [out, in, ...].
        first: How many channels come first.
        second: How many come after these; the rest stays where it is.
    """
    a, b, rest = weight.tensor_split([first, first + second], dim=1)
    return torch.cat([b, a, rest], dim=1)


def _translate(name: str, prefixes: Pairs, parts: Pairs) -> Optional[str]:
    for prefix, translated in prefixes:
        if name.startswith(prefix):
            rest = name[len(prefix) - 1:]
            if '.backbone.' not in prefix + translated:
                for part, translated_part in parts:
                    rest = rest.replace(part, translated_part)
            return translated[:-1] + rest
    return None


def _turned(pairs: Pairs) -> Pairs:
    return [(ours, official) for official, ours in pairs]
