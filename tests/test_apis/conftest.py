"""What the tests of the APIs share."""
import pytest
from small_video import build_model, write_checkpoint, write_config

from vosreg.apis import VOSInferencer


@pytest.fixture(scope='session')
def config(tmp_path_factory):
    return write_config(tmp_path_factory.mktemp('small') / 'small.py')


@pytest.fixture(scope='session')
def checkpoint(config):
    return write_checkpoint(config.with_suffix('.pth'), config)


@pytest.fixture(scope='session')
def model(config):
    return build_model(config)


@pytest.fixture
def inferencer(model):
    return VOSInferencer(model, device='cpu', size=None, show_progress=False)
