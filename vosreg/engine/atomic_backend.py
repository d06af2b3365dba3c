"""Checkpoints appear whole or not at all."""
from pathlib import Path
from typing import Union

from mmengine.fileio import LocalBackend, register_backend

from vosreg.fileio import atomic_path


@register_backend('atomic')
class AtomicBackend(LocalBackend):
    """MMEngine's local files, but a run that is killed while it saves leaves the file of before.

    For a hook: ``dict(type='CheckpointHook', backend_args=dict(backend='atomic'))``.
    """

    def put(self, obj: bytes, filepath: Union[str, Path]) -> None:
        """Write bytes to a file; missing folders are made."""
        with atomic_path(filepath) as temporary:
            temporary.write_bytes(obj)
