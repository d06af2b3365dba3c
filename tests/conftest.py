"""Folders outside the repository that some tests need: real clips and reference numbers."""
import os
from pathlib import Path

import numpy as np
import pytest
import torch
from small_datasets import write_datasets

# Tests run in several processes and start more: with more threads than cores all of them are slow.
torch.set_num_threads(1 if 'PYTEST_XDIST_WORKER' in os.environ else max(1, min(2, os.cpu_count() or 1)))
os.environ.setdefault('OMP_NUM_THREADS', '1')


def _folder(variable: str) -> Path:
    path = os.environ.get(variable)
    if not path:
        pytest.skip(f'{variable} is not set')
    return Path(path)


@pytest.fixture(scope='session')
def clips_root() -> Path:
    """Real videos in DAVIS and YouTube-VOS layout."""
    return _folder('VOSREG_CLIPS')


@pytest.fixture(scope='session')
def golden_root() -> Path:
    """Inputs and outputs of the official implementations."""
    return _folder('VOSREG_GOLDEN')


@pytest.fixture(scope='session')
def clips(golden_root) -> dict:
    """The frames and masks that the official implementations were run on."""
    with np.load(golden_root / 'clips.npz') as archive:
        return dict(archive)


@pytest.fixture(scope='session')
def small_data(tmp_path_factory) -> Path:
    """A folder with small copies of all data sets in ``data``, where the configs look for them."""
    folder = tmp_path_factory.mktemp('small')
    write_datasets(folder / 'data')
    return folder
