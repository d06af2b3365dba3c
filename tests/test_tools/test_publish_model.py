"""From a checkpoint of training to one that others can load, trust and go on from."""
import hashlib
import logging
import runpy
import sys

import pytest
import timm
import torch
from golden import REPOSITORY
from mmengine.config import Config

from vosreg.engine import StrictRunner, embedded_config
from vosreg.registry import MODELS

TOOL = REPOSITORY / 'tools' / 'model_converters' / 'publish_model.py'


@pytest.fixture
def config(tmp_path) -> Config:
    """A tiny model with a correspondence loss that has a weight of its own."""
    config = Config.fromfile(REPOSITORY / 'configs/stcn/stcn_efficientnet-lite0_synthetic.py')
    config.merge_from_dict(dict(
        work_dir=str(tmp_path), load_from='/mine/iter_600.pth',
        model=dict(
            key_encoder=dict(backbone=dict(init_cfg=None), fusion=dict(out_channels=8), key_channels=8),
            value_encoder=dict(value_channels=8, num_blocks=1), head=dict(channels=(8, 8)),
            correspondence=[dict(type='PixelCorrespondence', projection_channels=8)])))
    return config


@pytest.fixture
def checkpoint(config) -> dict:
    """What MMEngine's runner and EMA save, in miniature."""
    model = MODELS.build(config.model)
    return dict(
        state_dict=model.state_dict(), optimizer={'state': {}}, param_schedulers=[], message_hub={},
        ema_state_dict=model.state_dict(),
        meta=dict(cfg=config.pretty_text, iter=600, epoch=0, seed=3, experiment_name='tiny_20260101_000000',
                  time='20260101_000000', versions={'vosreg': '0.1.0+abc'}))


@pytest.fixture
def publish(tmp_path, monkeypatch, checkpoint):
    """Publish the checkpoint and give the path."""
    def run(*arguments):
        source, target = tmp_path / 'iter_600.pth', tmp_path / 'out' / 'tiny.pth'
        torch.save(checkpoint, source)
        monkeypatch.setattr(sys, 'argv', ['', str(source), str(target), *arguments])
        runpy.run_path(str(TOOL), run_name='__main__')
        path, = (tmp_path / 'out').iterdir()
        return path
    return run


def test_published(publish, checkpoint):
    path = publish('--dataset', 'SyntheticVOS', '--metrics', 'SyntheticVOS val/J&F=63.6')
    assert path.name == f'tiny-{hashlib.sha256(path.read_bytes()).hexdigest()[:8]}.pth'
    published = torch.load(path, weights_only=True)
    assert set(published) == {'meta', 'state_dict'}
    expected = {name: tensor for name, tensor in checkpoint['state_dict'].items()
                if not name.startswith('correspondence.')}
    assert len(expected) < len(checkpoint['state_dict'])
    assert set(published['state_dict']) == set(expected)
    assert all(torch.equal(published['state_dict'][name], expected[name]) for name in expected)
    meta = published['meta']
    assert meta['dataset'] == ['SyntheticVOS'] and meta['metrics'] == {'SyntheticVOS val/J&F': 63.6}
    assert meta['versions'] == {'vosreg': '0.1.0+abc'}
    assert meta['published_with']['timm'] == timm.__version__
    assert (meta['iter'], meta['seed']) == (600, 3) and 'time' not in meta
    config = embedded_config(published, path)
    assert config.work_dir is None and config.load_from is None
    assert config.model.head.channels == (8, 8)


def test_a_given_config_is_published_with_its_losses(publish, config, tmp_path):
    config.dump(tmp_path / 'given.py')
    path = publish('--config', str(tmp_path / 'given.py'))
    published = embedded_config(torch.load(path, weights_only=True), path)
    assert published.model == config.model and published.work_dir is None


def test_same_content_gives_the_same_file(publish):
    assert publish() == publish()


def test_half_precision_loads_into_a_float32_model(publish, checkpoint, config, tmp_path):
    path = publish('--fp16')
    stored = torch.load(path, weights_only=True)['state_dict']
    assert {tensor.dtype for tensor in stored.values() if tensor.ndim > 1} == {torch.float16}
    assert torch.float16 not in {tensor.dtype for tensor in stored.values() if tensor.ndim < 2}
    # The runner of tools/test.py, and that of a training that begins from it.
    for training in (False, True):
        runner = StrictRunner.__new__(StrictRunner)
        runner._hooks, runner.model = [], MODELS.build(dict(config.model, correspondence=[]))
        runner.logger = logging.getLogger(__name__)
        if training:
            super(StrictRunner, runner).load_checkpoint(str(path))
        else:
            runner.load_checkpoint(str(path))
        for name, tensor in runner.model.state_dict().items():
            assert tensor.dtype == checkpoint['state_dict'][name].dtype
            torch.testing.assert_close(tensor, checkpoint['state_dict'][name], rtol=1e-3, atol=1e-6)


@pytest.mark.parametrize('value, arguments', [(float('nan'), []), (1e5, ['--fp16'])])
def test_weights_that_are_not_finite_are_refused(publish, checkpoint, tmp_path, value, arguments):
    checkpoint['state_dict']['head.predict.weight'][0, 0, 0, 0] = value
    with pytest.raises(SystemExit, match='error: .*not finite.*head.predict.weight'):
        publish(*arguments)
    assert not (tmp_path / 'out').exists()


def test_a_config_that_names_any_function_is_not_built(publish, checkpoint, tmp_path):
    text = checkpoint['meta']['cfg']
    checkpoint['meta']['cfg'] = text + f"\nmodel = dict(type='os.mkdir', path='{tmp_path / 'run'}')\n"
    with pytest.raises(SystemExit, match='error: .*names os.mkdir, not registered'):
        publish()
    assert not (tmp_path / 'run').exists()


def test_weights_of_another_config_are_refused(publish, tmp_path):
    with pytest.raises(SystemExit, match='error: .*does not fit the model'):
        publish('--config', 'stcn/stcn_efficientnet-lite0_synthetic.py')
