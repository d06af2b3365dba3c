"""What code made a checkpoint."""
import shutil
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Dict

from mmengine.hooks import Hook

import vosreg
from vosreg.registry import HOOKS

PACKAGES = ('torch', 'torchvision', 'timm', 'onedl-mmengine', 'onedl-mmcv', 'onedl-mmsegmentation')


@HOOKS.register_module()
class VersionsHook(Hook):
    """Write the versions of vosreg and of what it stands on into the log and into every checkpoint."""

    def before_run(self, runner) -> None:
        """Log the versions."""
        self._versions = versions()
        runner.logger.info('Versions: ' + ', '.join(f'{name} {number}' for name, number in self._versions.items()))

    def before_save_checkpoint(self, runner, checkpoint: dict) -> None:
        """Note the versions in the checkpoint's meta data."""
        checkpoint['meta']['versions'] = self._versions


def versions() -> Dict[str, str]:
    """Versions by package; that of vosreg has the git revision where it runs from a repository."""
    revision = _git_revision(Path(vosreg.__file__).resolve().parents[1])
    return {'vosreg': vosreg.__version__ + revision, **{name: _version(name) for name in PACKAGES}}


def _git_revision(repository: Path) -> str:
    """``+REVISION`` of a checkout, '' where there is none or no git."""
    if not (repository / '.git').exists() or not shutil.which('git'):
        return ''
    git = subprocess.run(['git', '-C', str(repository), 'describe', '--always', '--dirty'],
                         capture_output=True, text=True, check=False)
    return f'+{git.stdout.strip()}' if git.returncode == 0 else ''


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return 'not installed'
