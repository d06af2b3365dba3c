"""Random numbers that do not depend on what ran before."""
import numpy as np
import torch
from mmengine.hooks import Hook

from vosreg.registry import HOOKS


@HOOKS.register_module()
class IterationSeedHook(Hook):
    """Seed PyTorch before each training iteration by the run's seed, the iteration and the rank.

    What a network draws from them, such as dropped paths, is then the same in a run that was interrupted and resumed,
    or that validates at other times. What is drawn for a clip does not come from them; see ``clip_generators``.
    """

    def before_train_iter(self, runner, batch_idx: int, data_batch=None) -> None:
        """Seed all of PyTorch's generators."""
        sequence = np.random.SeedSequence((runner.seed, runner.iter, runner.rank))
        torch.manual_seed(int(sequence.generate_state(1)[0]))
