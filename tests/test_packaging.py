"""What an installed vosreg carries."""
import os
import subprocess
import sys
from email.parser import HeaderParser
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]


@pytest.fixture(scope='module')
def installed(tmp_path_factory) -> Path:
    """A folder with the files that ``pip install .`` installs, built where an older build was; its metadata beside it.
    """
    folder = tmp_path_factory.mktemp('installed')
    (folder / 'lib' / 'vosreg').mkdir(parents=True)
    (folder / 'lib' / 'vosreg' / 'of_an_older_build.py').touch()
    subprocess.run([sys.executable, 'setup.py', '--quiet', 'egg_info', '--egg-base', folder, 'build', '--build-base',
                    folder / 'build', '--build-lib', folder / 'lib'], cwd=REPOSITORY, check=True, capture_output=True)
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


def test_the_modules_are_those_of_the_repository(installed):
    def modules(root):
        folder = root / 'vosreg'
        return {path.relative_to(root) for path in folder.rglob('*.py') if '.mim' not in path.parts}

    assert modules(installed) == modules(REPOSITORY)
    assert [path.name for path in installed.iterdir()] == ['vosreg']


def test_the_metadata_is_complete(installed):
    metadata = HeaderParser().parsestr((installed.parent / 'vosreg.egg-info' / 'PKG-INFO').read_text(encoding='utf-8'))
    assert metadata['License-Expression'] == 'Apache-2.0' and metadata['Requires-Python'] == '>=3.10'
    assert 'Programming Language :: Python :: 3.12' in metadata.get_all('Classifier')
    needed = [line for line in metadata.get_all('Requires-Dist') if 'extra ==' not in line]
    assert needed == (REPOSITORY / 'requirements' / 'runtime.txt').read_text().split()
    assert set(metadata.get_all('Provides-Extra')) == {'dev', 'docs', 'all'}


def test_the_source_distribution_holds_what_a_wheel_is_built_from(installed):
    sources = set((installed.parent / 'vosreg.egg-info' / 'SOURCES.txt').read_text().split())
    carried = {path.relative_to(installed / 'vosreg' / '.mim') for path in installed.glob('vosreg/.mim/**/*')
               if path.is_file()}
    assert {path.as_posix() for path in carried} <= sources
    assert {'CITATION.cff', 'LICENSE', 'README_zh-CN.md', 'requirements/runtime.txt', 'demo/video_demo.py'} <= sources
    assert not any(source.startswith(('tests/', 'docs/', 'data/', 'work_dirs/')) for source in sources)


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
