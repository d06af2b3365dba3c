"""What an installed vosreg carries."""
import os
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]


@pytest.fixture(scope='module')
def installed(tmp_path_factory) -> Path:
    """A folder with the files that ``pip install .`` installs."""
    folder = tmp_path_factory.mktemp('installed')
    subprocess.run([sys.executable, 'setup.py', '--quiet', 'build', '--build-base', folder / 'build', '--build-lib',
                    folder / 'lib'], cwd=REPOSITORY, check=True, capture_output=True)
    return folder / 'lib'


def _python(installed: Path, folder: Path, *arguments) -> str:
    environment = dict(os.environ, PYTHONPATH=str(installed))
    result = subprocess.run([sys.executable, *arguments], cwd=folder, env=environment, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    return result.stdout


def test_configs_and_tools_are_carried_and_caches_are_not(installed):
    folder = installed / 'vosreg' / '.mim'
    carried = {str(path.relative_to(folder)) for path in folder.rglob('*')}
    known = {str(path.relative_to(REPOSITORY)) for path in (REPOSITORY / 'configs').rglob('*.py')}
    assert known <= carried
    assert {'tools/train.py', 'tools/test.py', 'tools/dist_train.sh', 'model-index.yml'} <= carried
    assert {str(path.relative_to(REPOSITORY)) for path in (REPOSITORY / 'checkpoints').iterdir()} <= carried
    assert not any('__pycache__' in path for path in carried)


def test_configs_and_models_are_found_by_name_from_another_folder(installed, tmp_path):
    (tmp_path / 'mine.py').write_text('_base_ = \'vosreg::_base_/default_runtime.py\'\nmy_own = 1\n')
    code = ('import vosreg; from mmengine.config import Config; from mmengine.hub import get_config;'
            'config = Config.fromfile("mine.py");'
            'print(vosreg.__file__, config.my_own, config.default_scope,'
            'get_config("vosreg::_base_/default_runtime.py").randomness.seed);'
            'from vosreg.zoo import find_model; print(find_model("stcn_resnet50_davis2017").config)')
    assert _python(installed, tmp_path, '-c', code).split() == [
        str(installed / 'vosreg' / '__init__.py'), '1', 'vosreg', '0',
        str(installed / 'vosreg' / '.mim' / 'configs' / 'stcn' / 'stcn_resnet50_davis2017.py')]


def test_the_command_lists_and_runs_the_tools(installed, tmp_path):
    text = _python(installed, tmp_path, '-c', 'import vosreg.cli; vosreg.cli.main(["--help"])')
    assert 'train               Train a model from a config.' in text and '  export-synthetic ' in text
    text = _python(installed, tmp_path, '-c', 'import vosreg.cli; vosreg.cli.main(["train", "--help"])')
    assert text.startswith('usage: train.py') and '--resume [CHECKPOINT]' in text
