"""The benchmark of training: its variants start alike, its parts are those of an iteration."""
import sys
from pathlib import Path

import pytest
import torch
from golden import REPOSITORY
from mmengine.registry import init_default_scope
from mmengine.runner import Runner

from vosreg.engine import load_config

sys.path.insert(0, str(REPOSITORY / 'benchmarks'))
import training_iteration  # noqa: E402


@pytest.fixture(scope='module')
def config():
    """The small STCN on one clip of 64 pixels, made in this process."""
    init_default_scope('vosreg')
    config = load_config(training_iteration.CONFIGS[0])
    config.train_dataloader.update(batch_size=1, num_workers=0, persistent_workers=False)
    crop(config).size = 64
    return config


@pytest.fixture(scope='module')
def variants(config):
    return training_iteration.build_variants(config)


def crop(config):
    transforms = config.train_dataloader.dataset.pipeline
    return next(transform for transform in transforms if transform['type'] == 'RandomResizedCrop')


def batches(config):
    return iter(Runner.build_dataloader(config.train_dataloader, seed=0))


def test_variants_differ_in_losses_and_precision_only(config, variants):
    assert [variant.name for variant in variants] == ['float32, without', 'float32, with', 'bfloat16, without',
                                                      'bfloat16, with']
    states = [variant.model.state_dict() for variant in variants]
    assert all(torch.equal(weight, state[name]) for state in states for name, weight in states[0].items())
    batch = next(batches(config))
    assert training_iteration.check_agreement(variants, batch) > 0
    first, second = (training_iteration.megabytes(variant, batch) for variant in variants[:2])
    assert first < second


def test_parts_of_an_iteration(config, variants):
    for variant in variants[2:]:
        row, = training_iteration.train(variant, batches(config), 1)
        assert sum(row[part] for part in training_iteration.PARTS if part in row) == pytest.approx(row['iteration'])
        assert min(row.values()) > 0
        assert ('second view' in row) == variant.with_losses


def test_other_weights_stop_the_benchmark(config):
    variants = training_iteration.build_variants(config)[:2]
    with torch.no_grad():
        variants[1].model.head.predict.bias += 1
    with pytest.raises(RuntimeError, match='float32, with correspondence, loss_.* is'):
        training_iteration.check_agreement(variants, next(batches(config)))


@pytest.mark.parametrize(('name', 'frames'), [(training_iteration.CONFIGS[2], 3), (training_iteration.CONFIGS[3], 8)])
def test_configs_of_other_data_sets_train_on_rendered_clips(name, frames):
    config = load_config(name)
    training_iteration.prepare(config, 48, 1)
    assert crop(config).size == 48
    config.train_dataloader.update(num_workers=0, prefetch_factor=None)
    sample = next(batches(config))
    assert [tuple(clip.shape) for clip in sample['inputs']] == [(frames, 3, 48, 48)]
    assert Path(config.filename).stem == Path(name).stem
