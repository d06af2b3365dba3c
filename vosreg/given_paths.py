"""Whether what a user names is there, which a command can ask before it imports PyTorch and builds a model."""
import glob
from pathlib import Path


def check_video_path(path: Path) -> None:
    """Refuse a video that is not there.

    Args:
        path: A video file, a folder of images, or a glob of images.

    Raises:
        FileNotFoundError: There is no such file or folder, or nothing matches the glob.
    """
    if path.exists():
        return
    if not glob.has_magic(str(path)):
        raise FileNotFoundError(f'no such video: {path}')
    if not glob.glob(str(path)):
        raise FileNotFoundError(f'no file matches {path}')


def check_mask_path(path: Path) -> None:
    """Refuse masks that are not there.

    Args:
        path: A file or a folder of files.

    Raises:
        FileNotFoundError: There is neither.
    """
    if not path.exists():
        raise FileNotFoundError(f'no such mask or folder of masks: {path}')
