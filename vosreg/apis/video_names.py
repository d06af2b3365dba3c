"""Names for the results of several videos."""
from collections import Counter
from typing import List, Sequence, Tuple


def unique_names(places: Sequence[Tuple[str, ...]]) -> List[str]:
    """Tell videos of the same name apart by the folders that they lie in.

    A video whose name no other one has keeps it; for the others as many folders are put before it as it takes:
    ``bear/frames`` and ``cat/frames`` become ``bear_frames`` and ``cat_frames``. The same videos get the same names
    every time.

    Args:
        places: The names of the videos, each after the names of the folders that it lies in, the outermost first.

    Returns:
        The names.

    Raises:
        ValueError: The folders do not tell two videos apart, or two names become the same.
    """
    names = [_tell_apart(place, [other for other in places if other[-1] == place[-1]]) for place in places]
    for place, name in zip(places, names):
        if names.count(name) > 1:
            raise ValueError(f'several videos are named {place[-1]}, and the folders that they lie in do not tell them '
                             'apart; segment them one by one with another --out each, or in Python give a dict of '
                             'name -> (video, masks)')
    return names


def _tell_apart(place: Tuple[str, ...], namesakes: Sequence[Tuple[str, ...]]) -> str:
    count = 1
    while max(Counter(other[-count:] for other in namesakes).values()) > 1 and count < max(map(len, namesakes)):
        count += 1
    return '_'.join(place[-count:])
