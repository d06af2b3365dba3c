"""How a command ends when what it was given is missing or broken."""
from contextlib import contextmanager
from typing import Iterator

from .checkpoints import CheckpointError
from .config import ConfigError


@contextmanager
def expected_errors() -> Iterator[None]:
    """End with the one line ``error: ...``, not a traceback, where a file is missing, or a checkpoint or config unfit.

    For a block, or as the decorator ``@expected_errors()`` of a function.

    Raises:
        SystemExit: The block raised FileNotFoundError, :class:`CheckpointError` or :class:`ConfigError`.
    """
    try:
        yield
    except (CheckpointError, ConfigError, FileNotFoundError) as error:
        raise SystemExit(f'error: {error}') from error
