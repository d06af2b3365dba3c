"""The frame gap of training clips as a function of how far training is."""
import bisect
from dataclasses import dataclass
from typing import Sequence, Tuple

from mmengine.hooks import Hook

from vosreg.registry import HOOKS


@dataclass(frozen=True)
class MaxSkipSchedule:
    """Largest frame gap of each draw of a :class:`~vosreg.datasets.samplers.ClipSampler`.

    Attributes:
        starts: Iterations at which a new gap begins, ascending, from 0.
        max_skips: The gap from each of them on.
        batch_size: Clips an iteration, over all ranks.
    """
    starts: Tuple[int, ...]
    max_skips: Tuple[int, ...]
    batch_size: int

    def __call__(self, draw: int) -> int:
        return self.at_iteration(draw // self.batch_size)

    def at_iteration(self, iteration: int) -> int:
        return self.max_skips[bisect.bisect_right(self.starts, iteration) - 1]


@HOOKS.register_module()
class FrameGapCurriculumHook(Hook):
    """Widen the gap between the frames of training clips while training goes on, and narrow it at the end.

    The defaults are the schedule that STCN and XMem train their main stage with. The gap is a function of the draw
    (see :class:`~vosreg.datasets.samplers.ClipSampler`), so workers that prefetch see each change at its iteration.

    Args:
        fractions: Parts of the training, ascending from 0, at which a new gap begins.
        max_skips: ``max_skip`` of :class:`~vosreg.datasets.transforms.SampleFrames` from each of them on.

    Raises:
        ValueError: The two have different lengths, or the fractions do not ascend from 0 within [0, 1).
    """

    def __init__(self,
                 fractions: Sequence[float] = (0, .1, .2, .3, .4, .9),
                 max_skips: Sequence[int] = (5, 10, 15, 20, 25, 5)) -> None:
        if len(fractions) != len(max_skips):
            raise ValueError(f'{len(fractions)} fractions, but {len(max_skips)} max_skips')
        if not fractions or fractions[0] != 0 or list(fractions) != sorted(set(fractions)) or fractions[-1] >= 1:
            raise ValueError(f'fractions must ascend from 0 and stay below 1, but are {tuple(fractions)}')
        self.fractions = tuple(fractions)
        self.max_skips = tuple(max_skips)

    def before_train(self, runner) -> None:
        """Give the schedule to the sampler of the training data."""
        loader = runner.train_dataloader
        if not hasattr(loader.sampler, 'max_skip_schedule'):
            raise TypeError(f'FrameGapCurriculumHook needs a ClipSampler in train_dataloader, which has a '
                            f'{type(loader.sampler).__name__}')
        self.schedule = MaxSkipSchedule(
            starts=tuple(round(fraction * runner.max_iters) for fraction in self.fractions),
            max_skips=self.max_skips,
            batch_size=loader.batch_size * runner.world_size)
        loader.sampler.max_skip_schedule = self.schedule

    def before_train_iter(self, runner, batch_idx: int, data_batch=None) -> None:
        """Log the gap where it changes."""
        max_skip = self.schedule.at_iteration(runner.iter)
        if runner.iter == 0 or max_skip != self.schedule.at_iteration(runner.iter - 1):
            runner.logger.info(f'Training clips are drawn with max_skip={max_skip} from iteration {runner.iter}')
