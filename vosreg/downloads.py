"""Files from the network, fetched once."""
from pathlib import Path
from urllib.parse import urlparse

import torch
from mmengine.dist import barrier, is_main_process


def fetch(url: str) -> Path:
    """Download a checkpoint into the cache of ``torch.hub``, unless it is there.

    All processes of a distributed run must call it: the main one downloads while the others wait.

    Args:
        url: Where the file is; what follows a ``?`` is no part of its name.

    Returns:
        The file in the cache.
    """
    path = Path(torch.hub.get_dir(), 'checkpoints', Path(urlparse(url).path).name)
    if is_main_process():
        _download(url, path)
    barrier()
    _download(url, path)  # On other nodes, which do not see the main process's files.
    return path


def _download(url: str, path: Path) -> None:
    if not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True)
        torch.hub.download_url_to_file(url, str(path), progress=is_main_process())
