"""What a benchmark wants of a video."""
from typing import NamedTuple, Tuple


class WantedResults(NamedTuple):
    """The results that a benchmark wants of a video.

    Attributes:
        video: Name of the video.
        frames: Names of the frames, file stems, in order.
        shape: (H, W) of the masks.
        object_ids: The ids that masks may hold besides background.
    """
    video: str
    frames: Tuple[str, ...]
    shape: Tuple[int, int]
    object_ids: Tuple[int, ...]
