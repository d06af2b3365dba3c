"""Matrices that rows are appended to without copying the old ones each time."""
from typing import Dict, Optional

from torch import Tensor

# Rows moved at a time when others are removed: bounds the copy that it takes.
MOVED_ROWS = 1024


def channels_first(rows: Optional[Tensor]) -> Optional[Tensor]:
    """Rows [n, C] -> [1, C, n], a view; None stays None."""
    return None if rows is None else rows.T[None]


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

    def keep(self, indices: Tensor) -> None:
        """Remove all rows but some, in place.

        Args:
            indices: The rows to keep, ascending, int64 [n].
        """
        end = 0
        for block in indices.split(MOVED_ROWS):
            # No row moves back, so none is overwritten before it has moved.
            self._storage[end:end + len(block)] = self._storage[block]
            end += len(block)
        self._length = end


class GrowingTable:
    """Named columns of the same rows, each a :class:`GrowingRows`."""

    def __init__(self) -> None:
        self._columns: Dict[str, GrowingRows] = {}

    def __len__(self) -> int:
        return max(map(len, self._columns.values()), default=0)

    def __getitem__(self, name: str) -> Tensor:
        """A column, a view [rows, width]."""
        return self._columns[name].rows

    def get(self, name: str) -> Optional[Tensor]:
        """A column, or None if there is no such one."""
        return self[name] if name in self._columns else None

    def select(self, indices: Tensor) -> Dict[str, Tensor]:
        """A copy of some rows of each column."""
        return {name: column.rows[indices] for name, column in self._columns.items()}

    def append(self, **columns: Optional[Tensor]) -> None:
        """Append rows [n, width] to each column; a column that is None does not exist."""
        for name, rows in columns.items():
            if rows is not None:
                self._columns.setdefault(name, GrowingRows()).append(rows)

    def drop_last(self, count: int) -> None:
        """Remove the last ``count`` rows."""
        for column in self._columns.values():
            column.drop_last(count)

    def keep(self, indices: Tensor) -> None:
        """Remove all rows but some; see :meth:`GrowingRows.keep`."""
        for column in self._columns.values():
            column.keep(indices)

    def state_dict(self) -> Dict[str, Tensor]:
        """A copy of the columns."""
        return {name: column.rows.clone() for name, column in self._columns.items()}

    def load_state_dict(self, state: Dict[str, Tensor]) -> None:
        """Take columns into an empty table."""
        self.append(**state)
