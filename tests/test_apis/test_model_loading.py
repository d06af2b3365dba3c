"""Models by zoo name, config and checkpoint."""
from types import SimpleNamespace

import pytest
import torch

from vosreg import zoo
from vosreg.apis import load_model
from vosreg.engine import CheckpointError
from vosreg.models.segmentors.augmented_stream import TestView


def _same_weights(one, other) -> bool:
    return all(torch.equal(weight, other.state_dict()[name]) for name, weight in one.state_dict().items())


@pytest.fixture
def small_zoo(monkeypatch, config, checkpoint):
    entry = SimpleNamespace(name='small', config=config, checkpoint=lambda: checkpoint)
    monkeypatch.setattr(zoo, 'DEFAULT_MODEL', 'small')
    monkeypatch.setattr(zoo, 'find_model', {'small': entry}.__getitem__)


def test_every_way_gives_the_same_model(small_zoo, model, config, checkpoint):
    ways = [(None, None), ('small', None), (str(config), checkpoint), (None, checkpoint), (str(checkpoint), None),
            (checkpoint, None), ('small', checkpoint), (model, None)]
    for way in ways:
        loaded = load_model(*way, device='cpu')
        assert _same_weights(loaded, model) and not loaded.training and loaded.test_cfg['mem_every'] == 2


def test_a_checkpoint_whose_config_names_parts_with_their_scope(checkpoint, model, tmp_path):
    content = torch.load(checkpoint, weights_only=True)
    text = content['meta']['cfg']
    for name in ('MatchingVOS', 'KeyEncoder', 'ReadoutHead', 'StreamMemory'):
        assert f"'{name}'" in text
        text = text.replace(f"'{name}'", f"'vosreg.{name}'")
    torch.save(dict(content, meta=dict(cfg=text)), tmp_path / 'scoped.pth')
    assert _same_weights(load_model(tmp_path / 'scoped.pth', device='cpu'), model)


def test_a_typo_names_the_near_models(monkeypatch):
    monkeypatch.setattr(zoo, 'list_models', lambda index: [zoo.ModelEntry('stcn_small', 'STCN', 'stcn_small.py')])
    with pytest.raises(ValueError, match="no model 'stnc_small'; did you mean stcn_small"):
        load_model('stnc_small')


@pytest.mark.parametrize('model, weights, error, message', [
    ('nowhere.pth', None, FileNotFoundError, 'no such checkpoint: nowhere.pth'),
    (None, 'nowhere.pth', FileNotFoundError, 'no such checkpoint: nowhere.pth'),
    ('nowhere.py', 'some.pth', FileNotFoundError, 'no such checkpoint|no such config'),
    ('some.py', None, ValueError, 'the config some.py needs weights'),
    ('a.pth', 'b.pth', ValueError, 'two checkpoints are given, a.pth and b.pth'),
])
def test_what_is_missing(model, weights, error, message):
    with pytest.raises(error, match=message):
        load_model(model, weights)


def test_a_checkpoint_without_config_needs_one(config, checkpoint, model, tmp_path):
    torch.save(model.state_dict(), tmp_path / 'bare.pth')
    with pytest.raises(CheckpointError, match='bare.pth does not hold the config that it was trained with; give the'):
        load_model(tmp_path / 'bare.pth')
    assert _same_weights(load_model(config, tmp_path / 'bare.pth'), model)


def test_a_model_that_sees_several_views(model, monkeypatch):
    monkeypatch.setattr(model, 'test_views', [TestView(), TestView(flip=True)])
    with pytest.raises(ValueError, match=r'asks for test_cfg.views \(2 of them\), which only tools/test.py averages'):
        load_model(model, device='cpu')


def test_a_model_that_does_not_match(tmp_path):
    with pytest.raises(ValueError, match='a CopyFirstMask does not match pixels'):
        torch.save({}, tmp_path / 'empty.pth')
        load_model('baselines/copy-first-mask_synthetic.py', tmp_path / 'empty.pth')
