"""Installation of vosreg."""
import runpy
import shutil
from pathlib import Path
from typing import List

from setuptools import find_packages, setup
from setuptools.command.build_py import build_py

ROOT = Path(__file__).resolve().parent
# What OpenMMLab packages carry in PACKAGE/.mim, so that their configs, tools and here also small weights are there
# without the repository.
MIM_FILES = ('checkpoints', 'configs', 'tools', 'model-index.yml')


def requirements(name: str) -> List[str]:
    """The lines of ``requirements/NAME.txt``."""
    return (ROOT / 'requirements' / f'{name}.txt').read_text().splitlines()


class BuildWithMim(build_py):
    """Copy the files of ``.mim`` into the wheel; link them in an editable installation."""

    def run(self) -> None:
        if not self.editable_mode and Path(self.build_lib).resolve() != ROOT:
            # An earlier build in this folder may have left modules that are gone by now.
            shutil.rmtree(Path(self.build_lib, 'vosreg'), ignore_errors=True)
        super().run()
        folder = (ROOT if self.editable_mode else Path(self.build_lib).resolve()) / 'vosreg' / '.mim'
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        for name in MIM_FILES:
            source, target = ROOT / name, folder / name
            if not source.exists():
                continue
            if self.editable_mode:
                target.symlink_to(Path('..', '..', name))
            elif source.is_dir():
                shutil.copytree(source, target, ignore=shutil.ignore_patterns('__pycache__'))
            else:
                shutil.copy(source, target)


extras = {name: requirements(name) for name in ('dev', 'docs')}
setup(
    name='vosreg',
    version=runpy.run_path(str(ROOT / 'vosreg' / 'version.py'))['__version__'],
    description='Matching-based video object segmentation with space-time correspondence learning, on MMEngine',
    long_description=(ROOT / 'README.md').read_text(encoding='utf-8'),
    long_description_content_type='text/markdown',
    author='The vosreg contributors',
    license_expression='Apache-2.0',
    keywords='video object segmentation, VOS, STCN, XMem, correspondence, OpenMMLab',
    classifiers=[
        'Development Status :: 4 - Beta',
        'Intended Audience :: Science/Research',
        *(f'Programming Language :: Python :: 3.{minor}' for minor in (10, 11, 12)),
        'Topic :: Scientific/Engineering :: Artificial Intelligence',
        'Topic :: Scientific/Engineering :: Image Recognition',
    ],
    python_requires='>=3.10',
    packages=find_packages(include=['vosreg', 'vosreg.*']),
    install_requires=requirements('runtime'),
    extras_require={**extras, 'all': sum(extras.values(), [])},
    entry_points={'console_scripts': ['vosreg = vosreg.cli:main']},
    cmdclass={'build_py': BuildWithMim},
)
