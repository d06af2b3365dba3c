"""Discovered regions on disk: one JSON file a video, ``ROOT/VIDEO.json``, with COCO run lengths.

::

    {"dataset": "DAVISDataset data/DAVIS", "video": "bear", "size": [480, 854], "discoverer": {"type": ...},
     "frames": {"00000": {"bytes": 91024, "regions": [{"size": [480, 854], "counts": "..."}, ...]}, ...}}

``bytes`` is the size of the frame's file, null if the frame is rendered: with the name and the size of the frame it
tells whether the regions are those of this data set.
"""
import json
from functools import lru_cache
from pathlib import Path
from typing import Dict, Optional, Sequence, Union

import numpy as np

from vosreg.fileio import atomic_path, decode_mask, encode_mask

from ..frame_files import frame_name

PathLike = Union[str, Path]


def proposals_path(root: PathLike, video: str) -> Path:
    """Where the regions of a video are."""
    return Path(root) / f'{video}.json'


def write_proposals(path: PathLike, dataset: str, video: dict, discoverer: dict, masks: Sequence[np.ndarray]) -> None:
    """Write the regions of a video, atomically.

    Args:
        path: The file.
        dataset: What the data set is called, for error messages.
        video: The video as a data set lists it.
        discoverer: Config of what found the regions.
        masks: Index masks of the regions of every frame, uint8 [H, W].
    """
    frames = {
        frame_name(video, index): dict(
            bytes=_file_size(video, index),
            regions=[encode_mask(mask == number) for number in np.unique(mask[mask > 0])])
        for index, mask in enumerate(masks)
    }
    content = dict(
        dataset=dataset, video=video['video'], size=masks[0].shape, discoverer=discoverer, frames=frames)
    with atomic_path(path) as temporary:
        temporary.write_text(json.dumps(content))


@lru_cache(maxsize=4)
def read_proposals(path: Path) -> Dict:
    """The content of a file; the last ones are kept, because a clip asks for each of its frames.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: It is not a file of regions.
    """
    if not path.is_file():
        raise FileNotFoundError(f'no proposals {path}; tools/dataset_converters/discover_objects.py makes them')
    try:
        content = json.loads(path.read_text())
        if content['frames'].keys() and content['video'] and content['size']:
            return content
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f'{path} is not a file of proposals ({type(error).__name__}: {error}); remove it and run '
                         'tools/dataset_converters/discover_objects.py again') from error
    raise ValueError(f'the proposals {path} are of no frame')


def frame_proposals(path: PathLike, video: dict, index: int, size: Sequence[int]) -> np.ndarray:
    """The regions of a frame, if they are of this frame.

    Args:
        path: The file.
        video: The video as a data set lists it.
        index: The frame.
        size: (H, W) of the frame.

    Returns:
        Index mask, uint8 [H, W].

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: The file is of another data set, or lacks the frame.
    """
    content = read_proposals(Path(path))
    name = frame_name(video, index)
    frame = content['frames'].get(name)
    if content['video'] != video['video'] or tuple(content['size']) != tuple(size):
        raise ValueError(f'the proposals {path} are of the video {content["video"]!r} with frames of '
                         f'{_pixels(content["size"])} in the data set {content["dataset"]}, not of the video '
                         f'{video["video"]!r} with frames of {_pixels(size)}')
    if frame is None:
        raise ValueError(f'the proposals {path} have no frame {name!r} of the video {video["video"]!r}; they are of '
                         f'the {len(content["frames"])} frames {next(iter(content["frames"]))!r} to '
                         f'{list(content["frames"])[-1]!r} in the data set {content["dataset"]}')
    if frame['bytes'] != _file_size(video, index):
        raise ValueError(f'the proposals {path} are of another frame {name!r}: its file has {frame["bytes"]} bytes in '
                         f'the data set {content["dataset"]}, but {_file_size(video, index)} bytes here')
    mask = np.zeros(tuple(size), np.uint8)
    for number, region in enumerate(frame['regions'], start=1):
        mask[decode_mask(region)] = number
    return mask


def _file_size(video: dict, index: int) -> Optional[int]:
    return Path(video['frame_paths'][index]).stat().st_size if 'frame_paths' in video else None


def _pixels(size: Sequence[int]) -> str:
    return f'{size[1]}x{size[0]} pixels'
