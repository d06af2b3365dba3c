"""The files that come with vosreg besides its modules."""
from pathlib import Path


def packaged_path(name: str) -> Path:
    """Where a folder or file that comes with vosreg lies, such as ``configs`` or ``tools/train.py``.

    An installed package carries them in its ``.mim`` folder, as OpenMMLab packages do; else they are in the repository.
    """
    package = Path(__file__).resolve().parent
    installed = package / '.mim' / name
    return installed if installed.exists() else package.parent / name
