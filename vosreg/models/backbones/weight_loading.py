"""Putting the weights of a whole timm classifier into a part of it."""
from typing import Collection, Dict

import torch
from torch import Tensor, nn


def load_backbone_weights(model: nn.Module, weights: Dict[str, Tensor], source: str,
                          input_convs: Collection[str] = ()) -> None:
    """Fill a trimmed timm model; every one of its entries must be in the source, further entries are ignored.

    Args:
        model: What to fill.
        weights: State dict of the whole timm classifier, or of timm's ``features_only`` form of it.
        source: What the error messages call the weights.
        input_convs: Names of the convolutions that see the image. Where they have more input channels here than in
            the source, the filters of the source are kept and those of the extra channels are orthogonal.

    Raises:
        ValueError: If an entry is missing or has another shape; the model is left as it was.
    """
    flattened = {_flatten(name): tensor for name, tensor in weights.items()}
    own = model.state_dict()
    # A count that only BatchNorm's training reads; old checkpoints lack it.
    needed = [name for name in own if not name.endswith('num_batches_tracked')]
    missing = [name for name in needed if _flatten(name) not in flattened]
    if missing:
        raise ValueError(f'{source}: {len(missing)} of the {len(needed)} entries that the backbone needs are missing '
                         f'({_shorten(missing)}); are the weights of this model, under the names of timm?')

    loaded = {name: flattened[_flatten(name)] for name in needed}
    for conv in input_convs:
        name = f'{conv}.weight'
        loaded[name] = _widen(loaded[name], own[name].shape)
    misshapen = [f'{name} is {tuple(loaded[name].shape)}, wanted {tuple(own[name].shape)}' for name in needed
                 if loaded[name].shape != own[name].shape]
    if misshapen:
        raise ValueError(f'{source}: entries have other shapes than in the backbone ({_shorten(misshapen)})')
    model.load_state_dict(loaded, strict=False)


def _flatten(name: str) -> str:
    """A name that is the same in a model and its ``features_only`` form, which calls ``stages.0`` ``stages_0``."""
    return name.replace('_', '.')


def _widen(weight: Tensor, shape: torch.Size) -> Tensor:
    """The filters [Cout, Cin, ...] for more input channels, if that is all in which the shapes differ."""
    if weight.shape[:1] + weight.shape[2:] != shape[:1] + shape[2:] or weight.shape[1] >= shape[1]:
        return weight
    extra = torch.empty(shape[0], shape[1] - weight.shape[1], *shape[2:])
    return torch.cat([weight.float(), nn.init.orthogonal_(extra)], dim=1)


def _shorten(items: Collection[str], limit: int = 5) -> str:
    """The first few of them in words."""
    shown = '; '.join(list(items)[:limit])
    return shown if len(items) <= limit else f'{shown}; and {len(items) - limit} more'
