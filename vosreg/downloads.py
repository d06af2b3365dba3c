"""Files from the network, fetched once."""
from pathlib import Path
from urllib.parse import urlparse

import torch
from filelock import FileLock
from mmengine.dist import is_main_process


def fetch(url: str) -> Path:
    """Download a checkpoint into the cache of ``torch.hub``, unless it is there.

    Of several processes that want it, all or some of those of a distributed run or of several runs, one downloads
    while the others wait for the file.

    Args:
        url: Where the file is; what follows a ``?`` is no part of its name.

    Returns:
        The file in the cache.
    """
    path = Path(torch.hub.get_dir(), 'checkpoints', Path(urlparse(url).path).name)
    # Outside of the lock too, since a cache that is there may be read-only.
    if not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True)
        # The system releases the lock of a process that is killed.
        with FileLock(f'{path}.lock'):
            if not path.is_file():
                torch.hub.download_url_to_file(url, str(path), progress=is_main_process())
    return path
