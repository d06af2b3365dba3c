"""From what a user types to a config."""
import difflib
import sys
from pathlib import Path
from typing import Optional, Union

from mmengine.config import Config

from vosreg.packaged import packaged_path


def find_config(name: Union[str, Path]) -> Path:
    """Find a config: a file, or else one that comes with vosreg, by its path inside ``configs/``.

    Args:
        name: For example ``my_config.py`` or ``stcn/stcn_r50.py``; ``vosreg::`` may stand before the latter.

    Raises:
        FileNotFoundError: There is neither; the message names the near ones.
    """
    path = Path(name)
    if path.is_file():
        return path
    configs = packaged_path('configs')
    relative = str(name).removeprefix('vosreg::').removeprefix('configs/')
    if (configs / relative).is_file():
        return configs / relative
    known = sorted(str(file.relative_to(configs)) for file in configs.rglob('*.py') if '_base_' not in file.parts)
    near = difflib.get_close_matches(relative, known, n=3, cutoff=0.3) or known
    raise FileNotFoundError(f'no such config: {name}; those that come with vosreg are for example '
                            f'{", ".join(near[:5]) or "none"}')


def load_config(name: Union[str, Path], options: Optional[dict] = None, work_dir: Optional[str] = None) -> Config:
    """Load a config and settle its work dir.

    Args:
        name: See :func:`find_config`.
        options: What ``--cfg-options`` gave: dotted keys and their new values.
        work_dir: Where to write; by default the config's own, or ``./work_dirs/CONFIGNAME``.
    """
    path = find_config(name)
    # custom_imports finds modules that lie beside the config.
    sys.path.append(str(path.resolve().parent))
    config = Config.fromfile(path)
    config.merge_from_dict(options or {})
    config.work_dir = work_dir or config.get('work_dir') or str(Path('work_dirs') / path.stem)
    return config
