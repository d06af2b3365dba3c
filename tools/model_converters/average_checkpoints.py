"""Average the weights of checkpoints of one model, most often the ends of stages that began with each other.

Weights that lie in one basin of the loss average to a model that is often better than each, at no cost at inference
(Model soups, Wortsman et al., ICML 2022, arXiv 2203.05482). What else a checkpoint holds is taken from the last one;
states of optimizers and schedules are left out.

Example:
    python tools/model_converters/average_checkpoints.py stage2/iter_1200.pth stage3/iter_1000.pth --out average.pth
"""
import argparse
from pathlib import Path
from typing import Dict, List, Sequence

import torch
from torch import Tensor

from vosreg.engine import CheckpointError, expected_errors
from vosreg.engine.checkpoints import allow_code, load_from_local
from vosreg.fileio import atomic_path


def average(states: Sequence[Dict[str, Tensor]], names: Sequence[str]) -> Dict[str, Tensor]:
    """The mean of each floating-point weight, in the type of the last one; counters are those of the last one.

    Args:
        states: The state dicts, at least one.
        names: Where they come from, for the messages.

    Raises:
        CheckpointError: A weight of one is missing in another, or has another shape.
    """
    last = states[-1]
    for state, name in zip(states, names):
        wrong = [key for key in {**state, **last}
                 if key not in state or key not in last or state[key].shape != last[key].shape]
        if wrong:
            raise CheckpointError(f'{name} and {names[-1]} are not of one model: {len(wrong)} weights, such as '
                                  f'{wrong[0]}, are missing in one of them or have other shapes')
    return {key: _mean([state[key] for state in states]) for key in last}


def _mean(weights: List[Tensor]) -> Tensor:
    if not weights[-1].is_floating_point():
        return weights[-1]
    # In double precision the order of the checkpoints does not matter.
    return torch.stack([weight.double() for weight in weights]).mean(0).to(weights[-1].dtype)


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('checkpoints', nargs='+', metavar='CHECKPOINT')
    parser.add_argument('--out', type=Path, required=True, help='file to write')
    parser.add_argument(
        '--trust-checkpoint', action='store_true', help='let a checkpoint run the code that it holds')
    return parser.parse_args()


@expected_errors()
def main() -> None:
    args = parse_args()
    allow_code(args.trust_checkpoint)
    loaded = [load_from_local(name, map_location='cpu') for name in args.checkpoints]
    for checkpoint, name in zip(loaded, args.checkpoints):
        if not isinstance(checkpoint.get('state_dict'), dict):
            raise CheckpointError(f'{name} has no state_dict: it is not a checkpoint of MMEngine')
    weights = average([checkpoint['state_dict'] for checkpoint in loaded], args.checkpoints)
    with atomic_path(args.out) as temporary:
        torch.save({'meta': loaded[-1].get('meta', {}), 'state_dict': weights}, temporary)
    print(f'wrote {args.out}: the mean of {len(loaded)} checkpoints')


if __name__ == '__main__':
    main()
