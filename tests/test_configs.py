"""Every config loads and its parts build."""
import pytest
from golden import REPOSITORY
from mmengine.config import Config
from mmengine.registry import init_default_scope
from mmengine.runner import Runner

from vosreg.registry import DATASETS, METRICS, MODELS

CONFIGS = sorted(path.relative_to(REPOSITORY / 'configs') for path in (REPOSITORY / 'configs').glob('[!_]*/*.py'))


@pytest.mark.parametrize('name', CONFIGS, ids=str)
def test_config(name):
    config = Config.fromfile(REPOSITORY / 'configs' / name)
    init_default_scope(config.default_scope)
    model = MODELS.build(config.model)
    assert not config.get('test_evaluator') or METRICS.build(config.test_evaluator).default_prefix
    loaders = [config.get(f'{split}_dataloader') for split in ('train', 'val', 'test')]
    for loader in filter(None, loaders):
        # Listing the videos needs the data on disk; building the pipeline does not.
        dataset = DATASETS.build(dict(loader.dataset, lazy_init=True))
        assert type(dataset).__name__ == loader.dataset.type
        assert loader.sampler.type == ('VideoSampler' if dataset.test_mode else 'ClipSampler')
    if config.get('optim_wrapper') and any(True for _ in model.parameters()):
        runner = Runner.__new__(Runner)
        runner.model = model
        assert runner.build_optim_wrapper(config.optim_wrapper).param_groups[0]['lr'] > 0


def test_there_are_configs():
    assert len(CONFIGS) >= 5
