"""What is imported when: a command that only prints its help should not wait for PyTorch."""
import os
import subprocess
import sys

import pytest
from golden import REPOSITORY

HEAVY = ('torch', 'torchvision', 'timm', 'mmcv', 'mmseg', 'cv2', 'skimage', 'scipy', 'matplotlib', 'av')


def imported(code: str) -> set:
    """The modules that are loaded after some code."""
    code = f'{code}\nimport sys; print(*sys.modules)'
    environment = dict(os.environ, PYTHONPATH=str(REPOSITORY))
    result = subprocess.run([sys.executable, '-c', code], env=environment, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    return set(result.stdout.splitlines()[-1].split())


def test_vosreg_itself_is_light():
    modules = imported('import vosreg')
    assert 'vosreg' in modules
    assert not modules & set(HEAVY)


def test_a_model_without_parts_of_mmseg_does_not_load_it():
    modules = imported('from vosreg.engine import load_config; from vosreg.registry import MODELS\n'
                       'config = load_config("correspondence/stcn_efficientnet-lite0_synthetic_pixel-object.py")\n'
                       'MODELS.build(config.model)')
    assert 'vosreg.models' in modules
    assert not {name for name in modules if name.split('.')[0] in ('mmseg', 'mmcv')}


@pytest.mark.parametrize('arguments', ['train --help', 'test --help', 'segment --help', 'list_models'])
def test_what_only_prints_does_not_load_torch(arguments):
    tool, *options = arguments.split()
    path = REPOSITORY / 'tools' / f'{tool}.py'
    modules = imported(f'import runpy, sys\nsys.argv = [{str(path)!r}, *{options}]\n'
                       f'try: runpy.run_path({str(path)!r}, run_name="__main__")\n'
                       'except SystemExit as exit: assert not exit.code')
    assert not modules & set(HEAVY)


def test_a_video_that_is_not_there_is_refused_without_torch():
    modules = imported('from vosreg import cli\n'
                       'try: cli.main(["segment", "nowhere.mp4", "--box", "1,1,9,9", "--out", "out"])\n'
                       'except SystemExit as exit: assert exit.code == "error: no such video: nowhere.mp4"')
    assert not modules & set(HEAVY)


def test_scoring_does_not_load_torch():
    assert 'torch' not in imported('from vosreg.evaluation import functional, mask_folders, report, score_merging')
