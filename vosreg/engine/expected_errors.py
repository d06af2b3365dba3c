"""How a command ends when what it was given is missing or broken."""
from contextlib import contextmanager
from typing import Iterator

from .checkpoints import CheckpointError


@contextmanager
def expected_errors() -> Iterator[None]:
    """End the program with the one line ``error: ...`` where a file is missing or a checkpoint unfit, not a traceback.

    For a block, or as the decorator ``@expected_errors()`` of a function.

    Raises:
        SystemExit: The block raised FileNotFoundError or :class:`CheckpointError`.
    """
    try:
        yield
    except (CheckpointError, FileNotFoundError) as error:
        raise SystemExit(f'error: {error}') from error
