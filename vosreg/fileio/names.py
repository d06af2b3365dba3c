"""Names of frames and videos: their order, and lists of them."""
import re
from pathlib import Path
from typing import List, Sequence, Tuple, Union

PathLike = Union[str, Path]


def natural_key(name: str) -> Tuple:
    """Sort key under which numbers inside names count as numbers: frame2 comes before frame10."""
    parts = [int(part) if part.isdecimal() else part for part in re.split(r'(\d+)', name)]
    return tuple(parts), name


def read_names(names: Union[PathLike, Sequence[str]]) -> List[str]:
    """Names of videos.

    Args:
        names: The names, or a text file with one a line, which may hold spaces.

    Raises:
        FileNotFoundError: There is no such text file.
    """
    if not isinstance(names, (str, Path)):
        return list(names)
    if not Path(names).is_file():
        raise FileNotFoundError(f'no list of videos {names}: it should hold one name a line')
    return [line.strip() for line in read_lines(Path(names))]


def read_lines(path: Path) -> List[str]:
    """The lines of a text file but empty ones; a byte order mark, which some editors write, belongs to none."""
    return [line for line in path.read_text(encoding='utf-8-sig').splitlines() if line.strip()]
