"""Files appear whole or not at all."""
import secrets
from contextlib import contextmanager
from pathlib import Path
from typing import Iterator, List, Union


@contextmanager
def atomic_path(path: Union[str, Path]) -> Iterator[Path]:
    """Give a temporary path in the same folder that is renamed to ``path`` when the block succeeds.

    The suffix is kept, because image and video writers choose the format by it. Missing parent folders are made.
    When the block raises, the temporary file is removed and ``path`` stays as it was. Threads may write at the same
    time.

    Args:
        path: The file to write.

    Yields:
        The path to write to; there is no file yet.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f'.{path.stem}-{secrets.token_hex(4)}{path.suffix}')
    try:
        yield temporary
        temporary.replace(path)
    except OSError as error:
        # That the disk is full is said without the file.
        if error.errno is not None and error.filename is None:
            error.filename = str(path)
        raise
    finally:
        temporary.unlink(missing_ok=True)


def abandoned_paths(path: Union[str, Path]) -> List[Path]:
    """The temporary files of :func:`atomic_path` that are still there, as those of a process that was killed.

    Args:
        path: The file that was to be written; ``*`` in its name stands for anything.
    """
    path = Path(path)
    return list(path.parent.glob(f'.{path.stem}-????????{path.suffix}'))
