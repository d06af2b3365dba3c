"""A matrix that rows are appended to without copying the old ones each time."""
from typing import Optional

from torch import Tensor


class GrowingRows:
    """Rows in preallocated storage that doubles when it is full, so that n appends copy O(n) rows in all."""

    def __init__(self) -> None:
        self._storage: Optional[Tensor] = None
        self._length = 0

    def __len__(self) -> int:
        return self._length

    @property
    def rows(self) -> Tensor:
        """The rows written so far, a view [length, columns]."""
        return self._storage[:self._length]

    def append(self, rows: Tensor) -> None:
        """Append rows [n, columns]; the first ones decide columns, type and device."""
        end = self._length + len(rows)
        if self._storage is None or end > len(self._storage):
            grown = rows.new_empty(max(end, 2 * self._length), rows.shape[1])
            if self._length:
                grown[:self._length] = self.rows
            self._storage = grown
        self._storage[self._length:end] = rows
        self._length = end

    def drop_last(self, count: int) -> None:
        """Remove the last ``count`` rows."""
        self._length -= count
