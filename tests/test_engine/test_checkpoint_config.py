"""The config in a checkpoint is data, never run."""
import sys

import pytest
from golden import REPOSITORY
from mmengine.config import Config

from vosreg.engine import CheckpointError
from vosreg.engine.checkpoint_config import model_config
from vosreg.engine.checkpoints import TRUST_VARIABLE
from vosreg.registry import MODELS


def _read(text):
    return model_config(dict(meta=dict(cfg=text)), 'some.pth')


@pytest.mark.parametrize('name', ['stcn/stcn_efficientnet-lite0_synthetic.py', 'xmem/xmem_resnet50_davis2017.py',
                                  'correspondence/corr_resnet50_davis2017.py'])
def test_what_mmengine_writes_is_read(name):
    config = Config.fromfile(REPOSITORY / 'configs' / name)
    wanted = {name: value for name, value in config.model.items() if name not in ('losses', 'correspondence')}
    assert _read(config.pretty_text) == wanted


def test_the_scope_may_stand_before_a_part_of_vosreg():
    """As MMEngine writes it where a config names several packages."""
    text = ('model = dict(type="vosreg.MatchingVOS", head=dict(type="vosreg.ReadoutHead"), '
            'test_memory=dict(type="vosreg.StreamMemory"))')
    assert _read(text) == dict(type='vosreg.MatchingVOS', head=dict(type='vosreg.ReadoutHead'),
                               test_memory=dict(type='vosreg.StreamMemory'))


def test_the_model_may_carry_the_scope_of_vosreg():
    """As MMEngine writes it where a config inherits from one that is named ``vosreg::...``."""
    text = 'model = dict(type="MatchingVOS", head=dict(type="ReadoutHead"), _scope_="vosreg")'
    assert _read(text) == dict(type='MatchingVOS', head=dict(type='ReadoutHead'), _scope_='vosreg')


def test_a_second_view_of_ones_own_is_not_needed():
    text = 'model = dict(type="MatchingVOS", second_view=dict(type="MySecondView"), losses=[dict(type="MyLoss")])'
    assert _read(text) == dict(type='MatchingVOS')


def _write_payload(folder, monkeypatch):
    """A module that touches a file when it is imported."""
    (folder / 'payload').mkdir()
    for name in ('__init__', 'registry'):
        (folder / 'payload' / f'{name}.py').write_text('import pathlib; pathlib.Path("owned").touch()')
    monkeypatch.syspath_prepend(folder)


@pytest.mark.parametrize('text, message', [
    ('model = dict(type=__import__("os").system("touch owned"))', 'cannot be read without running it'),
    ('model = dict(type=("Matching" + chr(86)))', 'cannot be read without running it'),
    ('model = open("owned", "w")', 'cannot be read without running it'),
    ('model = dict(type="MatchingVOS", head=dict(type="os.system", command="touch owned"))', 'names os.system, not'),
    ('model = dict(type="MatchingVOS", head=[dict(type="mmseg.FCNHead")])', 'names mmseg.FCNHead, not registered'),
    # Not every name of vosreg is one of a part.
    *((f'model = dict(type="MatchingVOS", head=dict(type="{name}"))', f'names {name}, not registered')
      for name in ('vosreg.os.system', 'vosreg.vosreg.ReadoutHead', 'vosreg.engine.checkpoints.load_from_local',
                   'vosreg.models.MatchingVOS', 'mmengine.Config', 'payload.ReadoutHead')),
    # MMEngine imports modules to look for parts and scopes.
    ('model = dict(type="MatchingVOS", head=dict(type="payload"))', 'names payload, not'),
    ('model = dict(type="MatchingVOS", head=dict(type="ReadoutHead", _scope_="payload"))', 'names the scope payload,'),
    ('model = dict(type=["MatchingVOS", "payload"])', 'not registered'),
    ('custom_imports = dict(imports=["payload"])', 'has no model'),
    ('model = "payload"', 'has no model'),
    ('text = "payload"', 'cannot be read without running it .KeyError'),
    ('model = {["payload"]: 1}', 'cannot be read without running it .TypeError'),
    ('model = dict(', 'SyntaxError'),
    (None, 'does not hold the config'),
])
def test_code_is_refused_and_not_run(text, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    _write_payload(tmp_path, monkeypatch)
    with pytest.raises(CheckpointError, match=f'some.pth .*{message}'):
        _read(text)
    assert not (tmp_path / 'owned').exists()


def test_what_a_config_file_would_do_besides_the_model_is_not_done(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    _write_payload(tmp_path, monkeypatch)
    text = '_base_ = "payload/registry.py"\ncustom_imports = dict(imports=["payload"])\n'
    assert _read(text + 'model = dict(type="MatchingVOS")') == dict(type='MatchingVOS')
    assert not (tmp_path / 'owned').exists()


def test_parts_of_other_packages_are_allowed_when_trusted(monkeypatch):
    monkeypatch.setenv(TRUST_VARIABLE, '1')
    assert _read('model = dict(type="mmseg.EncoderDecoder")') == dict(type='mmseg.EncoderDecoder')


OWN_HEAD = 'model = dict(type="MatchingVOS", head=dict(type="OwnHeadOfTest"))\n'


@pytest.fixture
def own_heads(tmp_path, monkeypatch):
    """A module ``own_heads_of_test``, and trust."""
    (tmp_path / 'own_heads_of_test.py').write_text(
        'from vosreg.registry import MODELS\n@MODELS.register_module()\nclass OwnHeadOfTest: pass\n')
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv(TRUST_VARIABLE, '1')
    yield
    MODELS.module_dict.pop('OwnHeadOfTest', None)
    sys.modules.pop('own_heads_of_test', None)


@pytest.mark.parametrize('custom_imports', [
    'dict(imports=["own_heads_of_test"], allow_failed_imports=False)',
    'dict(imports="own_heads_of_test")',
    pytest.param('dict(imports=["not_there", "own_heads_of_test"], allow_failed_imports=True)',
                 marks=pytest.mark.filterwarnings('ignore:not_there failed to import')),
])
def test_parts_of_ones_own_are_imported_when_trusted(custom_imports, own_heads):
    assert _read(f'{OWN_HEAD}custom_imports = {custom_imports}')['head']['type'] == 'OwnHeadOfTest'


@pytest.mark.parametrize('text', ['', 'custom_imports = None', 'custom_imports = dict(imports=[])'])
def test_parts_that_nothing_registers(text, own_heads):
    with pytest.raises(CheckpointError, match='some.pth names OwnHeadOfTest, which nothing here registers'):
        _read(OWN_HEAD + text)


@pytest.mark.parametrize('imports', ['"not_there"', '["own_heads_of_test", "not_there"]'])
def test_modules_that_are_not_there(imports, own_heads):
    with pytest.raises(CheckpointError, match=r'has parts of its own: Failed to import not_there \(No module'):
        _read(f'{OWN_HEAD}custom_imports = dict(imports={imports})')
