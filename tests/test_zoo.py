"""The model zoo: what the index says is true, and weights are found, fetched and checked."""
import hashlib
import runpy
import sys
from pathlib import Path

import pytest
import torch
from golden import REPOSITORY
from mmengine.config import Config
from mmengine.fileio import load
from mmengine.registry import init_default_scope

from vosreg.engine import load_weights
from vosreg.engine.checkpoint_config import drop_training_parts
from vosreg.registry import MODELS
from vosreg.zoo import DEFAULT_MODEL, find_model, list_collections, list_models

ENTRIES = list_models()
SHIPPED = [entry for entry in ENTRIES if isinstance(entry.weights, Path)]
# The tests of the configs build each of these.
CONFIGS = set((REPOSITORY / 'configs').glob('[!_]*/*.py'))
METAFILE = """
Collections:
  - Name: Tiny
Models:
  - Name: tiny_local
    In Collection: Tiny
    Config: configs/tiny.py
    Weights: checkpoints/tiny-{short}.pth
    SHA256: {sha256}
  - Name: tiny_remote
    In Collection: Tiny
    Config: configs/tiny.py
    Weights: https://example.org/models/tiny-{short}.pth?download=1
    SHA256: {sha256}
  - Name: tiny_without_weights
    In Collection: Tiny
    Config: configs/tiny.py
"""


@pytest.fixture
def small_zoo(tmp_path) -> Path:
    """The index of a zoo with a checkpoint of a few bytes."""
    content = b'not even a checkpoint'
    sha256 = hashlib.sha256(content).hexdigest()
    (tmp_path / 'checkpoints').mkdir()
    (tmp_path / 'checkpoints' / f'tiny-{sha256[:8]}.pth').write_bytes(content)
    (tmp_path / 'metafile.yml').write_text(METAFILE.format(sha256=sha256, short=sha256[:8]))
    (tmp_path / 'model-index.yml').write_text('Import: [metafile.yml]\n')
    return tmp_path / 'model-index.yml'


def test_index_names_every_metafile_and_every_model_once():
    imported = load(REPOSITORY / 'model-index.yml')['Import']
    assert sorted(imported) == sorted(
        str(path.relative_to(REPOSITORY)) for path in (REPOSITORY / 'configs').glob('*/metafile.yml'))
    names = [entry.name for entry in ENTRIES]
    assert len(set(names)) == len(names) >= 10
    assert sum(len(load(REPOSITORY / file)['Models']) for file in imported) == len(names)  # None is in no collection.


def test_index_is_valid_for_mim():
    load_index = pytest.importorskip('modelindex.load_model_index').load
    index = load_index(str(REPOSITORY / 'model-index.yml'))
    assert index.check(silent=True) == []
    index.build_models_with_collections()
    assert [model.name for model in index.models] == [entry.name for entry in ENTRIES]
    model = next(model for model in index.models if model.name.startswith('stcn_resnet50_stage2'))
    assert model.full_model.paper['URL'] == 'https://arxiv.org/abs/2106.05210'
    assert model.results[0].metrics['J&F'] == 85.3


@pytest.mark.parametrize('entry', ENTRIES, ids=lambda entry: entry.name)
def test_entry(entry):
    assert entry.config in CONFIGS and entry.config.stem == entry.name
    assert entry.metadata['Parameters (M)'] >= 0
    for result in entry.results:
        assert result.task == 'Semi-supervised video object segmentation'
        assert result.metrics and all(0 <= value <= 100 for value in result.metrics.values())
        assert (result.command is None) != (result.reported_by is None)
        if result.command:
            assert result.command.split()[0] in ('python', 'make', 'vosreg')
            assert all((REPOSITORY / word).is_file() for word in result.command.split() if word.endswith('.py'))
        else:
            assert result.reported_by.startswith('https://')


@pytest.mark.parametrize('entry', SHIPPED, ids=lambda entry: entry.name)
def test_shipped_weights(entry):
    path = entry.checkpoint()  # Checks the hash.
    assert path.stem.endswith('-' + entry.sha256[:8])
    config = Config.fromfile(entry.config)
    init_default_scope(config.default_scope)
    drop_training_parts(config.model)
    model = MODELS.build(config.model)
    checkpoint = torch.load(path, weights_only=True)
    load_weights(model, checkpoint, str(path))
    assert set(checkpoint['state_dict']) == set(model.state_dict())
    parameters = sum(parameter.numel() for parameter in model.parameters())
    assert entry.metadata['Parameters (M)'] == pytest.approx(parameters / 1e6, abs=0.05)
    assert checkpoint['meta']['cfg'] and checkpoint['meta']['published_with']['vosreg']


def test_shipped_weights_are_small():
    assert sum(entry.weights.stat().st_size for entry in SHIPPED) <= 25e6
    assert {entry.weights for entry in SHIPPED} == set((REPOSITORY / 'checkpoints').glob('*.pth'))


@pytest.mark.skipif(not SHIPPED, reason='no weights are shipped yet')
def test_default_model_is_shipped():
    assert find_model() == find_model(DEFAULT_MODEL) and find_model() in SHIPPED


def test_pages_are_up_to_date(monkeypatch):
    monkeypatch.setattr(sys, 'argv', ['', '--check'])
    runpy.run_path(str(REPOSITORY / 'docs' / 'generate_model_zoo.py'), run_name='__main__')


def test_name_with_a_typo(small_zoo):
    with pytest.raises(ValueError, match="no model 'tiny_locl'; did you mean tiny_local"):
        find_model('tiny_locl', small_zoo)
    with pytest.raises(ValueError, match="no model 'x'; it has tiny_local, tiny_remote, tiny_without_weights"):
        find_model('x', small_zoo)


def test_local_weights(small_zoo):
    entry = find_model('tiny_local', small_zoo)
    assert entry.checkpoint() == entry.weights and entry.weights.parent == small_zoo.parent / 'checkpoints'
    assert entry.config == small_zoo.parent / 'configs' / 'tiny.py'
    assert [collection.name for collection in list_collections(small_zoo)] == ['Tiny']
    entry.weights.write_bytes(b'other bytes')
    with pytest.raises(ValueError, match='is damaged or not the checkpoint of tiny_local'):
        entry.checkpoint()
    entry.weights.unlink()
    with pytest.raises(FileNotFoundError, match='the weights of tiny_local are not at'):
        entry.checkpoint()


def test_no_weights(small_zoo):
    with pytest.raises(ValueError, match='the zoo has no weights of tiny_without_weights'):
        find_model('tiny_without_weights', small_zoo).checkpoint()


def test_remote_weights_are_fetched_once(small_zoo, tmp_path, monkeypatch):
    fetched = []

    def download(url, path, progress):
        fetched.append(url)
        Path(path).write_bytes(find_model('tiny_local', small_zoo).weights.read_bytes())

    monkeypatch.setattr(torch.hub, 'get_dir', lambda: str(tmp_path / 'hub'))
    monkeypatch.setattr(torch.hub, 'download_url_to_file', download)
    entry = find_model('tiny_remote', small_zoo)
    path = entry.checkpoint()
    assert entry.checkpoint() == path and fetched == [entry.weights]
    assert path.parent == tmp_path / 'hub' / 'checkpoints' and path.name == f'tiny-{entry.sha256[:8]}.pth'
    path.write_bytes(b'half')
    with pytest.raises(ValueError, match='begins with'):
        entry.checkpoint()
