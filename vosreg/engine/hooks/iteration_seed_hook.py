"""Random numbers that do not depend on what ran before."""
import numpy as np
import torch
from mmengine.hooks import Hook

from vosreg.registry import HOOKS


@HOOKS.register_module()
class IterationSeedHook(Hook):
    """Seed PyTorch before each training iteration by the run's seed, the iteration and the rank.

    What a model draws (dropped paths, memory frames) is then the same in a run that was interrupted and
    resumed, or that validates at other times.
    """

    def before_train_iter(self, runner, batch_idx: int, data_batch=None) -> None:
        """Seed all of PyTorch's generators."""
        sequence = np.random.SeedSequence((runner.seed, runner.iter, runner.rank))
        torch.manual_seed(int(sequence.generate_state(1)[0]))
