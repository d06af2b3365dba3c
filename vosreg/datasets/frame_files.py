"""Folders of frames and masks: one image file a frame, in natural order of the names."""
from pathlib import Path
from typing import Dict, List, Union

from vosreg.fileio import natural_key, read_lines

PathLike = Union[str, Path]
IMAGE_SUFFIXES = frozenset({'.jpg', '.jpeg', '.png', '.bmp', '.webp'})


def list_images(folder: PathLike) -> Dict[str, str]:
    """The image files of a folder.

    Args:
        folder: A folder; hidden files and other kinds of files in it are passed over.

    Returns:
        File stem -> path, in natural order of the stems. Empty when there is no such folder.

    Raises:
        ValueError: Two files differ in their suffix only, so that it is unclear which one is the frame.
    """
    folder = Path(folder)
    images: Dict[str, str] = {}
    if not folder.is_dir():
        return images
    files = [path for path in folder.iterdir() if path.suffix.lower() in IMAGE_SUFFIXES and path.name[0] != '.']
    for path in sorted(files, key=lambda path: natural_key(path.stem)):
        if path.stem in images:
            raise ValueError(f'{images[path.stem]} and {path} are both frame {path.stem!r}: keep one of them, '
                             'and put masks into a folder of their own')
        images[path.stem] = str(path)
    return images


def list_folders(folder: PathLike) -> List[str]:
    """The names of the sub-folders of a folder in natural order, hidden ones left out."""
    names = [path.name for path in Path(folder).iterdir() if path.is_dir() and path.name[0] != '.']
    return sorted(names, key=natural_key)


def read_split(path: Path) -> List[str]:
    """The videos in a split file of DAVIS, in its order."""
    # "bear", or a frame of it and its mask: "/JPEGImages/480p/bear/00000.jpg /Annotations/480p/bear/00000.png".
    return list(dict.fromkeys(Path(line.split()[0]).parent.name if '/' in line else line.strip()
                              for line in read_lines(path)))


def frame_name(video: dict, index: int) -> str:
    """The stem of a frame's file, or its number in five digits if it has none.

    Args:
        video: The video as a data set lists it.
        index: The frame.
    """
    return Path(video['frame_paths'][index]).stem if 'frame_paths' in video else f'{index:05d}'
