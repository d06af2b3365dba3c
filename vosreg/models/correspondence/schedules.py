"""How the weight of a correspondence loss changes while training goes on."""
from vosreg.registry import MODELS


@MODELS.register_module()
class LinearRamp:
    """0 before ``start``, then rising linearly to 1 at ``end``, then 1: first the masks, then the matching.

    A function of the iteration alone, so a resumed run goes on where it was.

    Args:
        start: Iteration until which the factor is 0.
        end: Iteration from which the factor is 1.

    Raises:
        ValueError: The end is not after the start.
    """

    def __init__(self, start: int, end: int) -> None:
        if end <= start:
            raise ValueError(f'a ramp ends after it starts, but this one goes from {start} to {end}')
        self.start, self.end = start, end

    def __call__(self, iteration: int) -> float:
        """The factor at an iteration."""
        return min(1.0, max(0.0, (iteration - self.start) / (self.end - self.start)))
