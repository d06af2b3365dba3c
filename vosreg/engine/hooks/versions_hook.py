"""What code made a checkpoint."""
import subprocess
from importlib.metadata import version
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
        runner.logger.info('Versions: ' + ', '.join(f'{name} {number}' for name, number in versions().items()))

    def before_save_checkpoint(self, runner, checkpoint: dict) -> None:
        """Note the versions in the checkpoint's meta data."""
        checkpoint['meta']['versions'] = versions()


def versions() -> Dict[str, str]:
    """Versions by package; that of vosreg has the git revision where it runs from a repository."""
    repository = Path(vosreg.__file__).resolve().parents[1]
    revision = ''
    if (repository / '.git').exists():
        git = subprocess.run(['git', '-C', str(repository), 'describe', '--always', '--dirty'],
                             capture_output=True, text=True, check=False)
        revision = f'+{git.stdout.strip()}' if git.returncode == 0 else ''
    return {'vosreg': vosreg.__version__ + revision, **{name: version(name) for name in PACKAGES}}
