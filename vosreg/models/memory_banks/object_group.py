"""The values of some objects in the memory of a running video."""
from typing import Optional, Sequence

from torch import Tensor

from vosreg.ops import sparse_readout

from .growing_rows import GrowingRows


class ObjectGroup:
    """Objects that entered in the same frame, and so remember the same frames.

    Attributes:
        start: Row of the shared keys at which the memory of these objects begins.
        first_frame: Index of the frame in which they entered.
        num_objects: Number of objects n.
        values: One row a location, [rows, n * Cv].
        hidden: Rows that hold nothing of these objects, or None.
    """

    def __init__(self, start: int, first_frame: int, num_objects: int) -> None:
        self.start = start
        self.first_frame = first_frame
        self.num_objects = num_objects
        self.values = GrowingRows()
        self.hidden: Optional[Tensor] = None

    def append(self, value: Tensor) -> None:
        """Append the values [n, Cv, h, w] of a frame."""
        self.values.append(value.flatten(2).flatten(0, 1).T)

    def read(self, weights: Tensor, indices: Tensor) -> Tensor:
        """Weights and rows of the best matches of some queries, [Q, k] -> their readout [n, Cv, Q]."""
        return sparse_readout(weights, indices, self.values.rows).T.unflatten(0, (self.num_objects, -1))

    def keep(self, indices: Tensor) -> None:
        """Remove all rows but those that stand at some rows of the shared keys, ascending, int64 [rows]."""
        own = indices[indices >= self.start] - self.start
        self.values.keep(own)
        self.start = len(indices) - len(own)

    def remove_objects(self, positions: Sequence[int]) -> None:
        """Forget some of the objects, by their positions in the group."""
        kept = [i for i in range(self.num_objects) if i not in positions]
        values = self.values.rows.unflatten(1, (self.num_objects, -1))[:, kept].flatten(1)
        self.num_objects = len(kept)
        self.values = GrowingRows()
        self.values.append(values)

    def state_dict(self) -> dict:
        """What :meth:`from_state_dict` makes the same group of."""
        return dict(
            start=self.start, first_frame=self.first_frame, num_objects=self.num_objects,
            values=self.values.rows.clone(), hidden=self.hidden)

    @classmethod
    def from_state_dict(cls, state: dict) -> 'ObjectGroup':
        """Make a group of the result of :meth:`state_dict`."""
        group = cls(state['start'], state['first_frame'], state['num_objects'])
        group.values.append(state['values'])
        group.hidden = state['hidden']
        return group
