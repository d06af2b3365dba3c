"""Registries that help with names."""
import logging

import mmengine.hooks  # noqa: F401 (registers MMEngine's hooks)
import mmengine.optim  # noqa: F401 (registers the optimizers)
import mmengine.registry as mmengine_registry
import pytest
from mmengine.registry import OPTIMIZERS, DefaultScope

from vosreg.registry import HOOKS, MEMORY_BANKS, MODELS, Registry


def test_a_misspelt_type_names_the_near_ones():
    with pytest.raises(KeyError, match='no hook is registered as FrameGapCuriculumHook; did you mean '
                       'FrameGapCurriculumHook'):
        HOOKS.build(dict(type='FrameGapCuriculumHook'))


def test_near_names_include_mmengines_and_registries_without_own_parts():
    with DefaultScope.overwrite_default_scope('vosreg'):
        with pytest.raises(KeyError, match='did you mean CheckpointHook'):
            HOOKS.build(dict(type='ChekpointHok'))
        with pytest.raises(KeyError, match='did you mean AdamW'):
            OPTIMIZERS.build(dict(type='AdamWW'))


def test_a_type_like_no_other_lists_the_known():
    with pytest.raises(KeyError, match='known are .*EMAHook, .*custom_imports'):
        HOOKS.build(dict(type='Xyzzyqwk'))


def test_membership_asks_without_an_error():
    assert 'IterationSeedHook' in HOOKS
    assert 'CheckpointHook' in HOOKS
    assert 'Xyzzyqwk' not in HOOKS


@pytest.mark.parametrize('scope', ['mmengine', 'mmseg'])
def test_a_part_finds_its_parts_in_a_run_of_another_package(scope, monkeypatch):
    warnings = []
    monkeypatch.setattr('mmengine.logging.print_log', lambda message, level=logging.INFO, **_: warnings.extend(
        [message] * (level >= logging.WARNING)))
    with DefaultScope.overwrite_default_scope(scope):
        preprocessor = mmengine_registry.MODELS.build(
            dict(type='vosreg.VOSDataPreprocessor', second_view=dict(type='RandomSecondView')))
        MEMORY_BANKS.build(dict(type='ClipMemory'))
        assert DefaultScope.get_current_instance().scope_name == scope
    assert type(preprocessor.second_view).__name__ == 'RandomSecondView'
    assert not warnings


def test_a_registry_below_that_of_vosreg_is_asked_first():
    own = Registry('model', parent=MODELS, scope='own')
    try:
        own.register_module(name='LinearRamp', module=dict)
        with DefaultScope.overwrite_default_scope('own'):
            assert MODELS.build(dict(type='LinearRamp', start=0, end=1)) == dict(start=0, end=1)
    finally:
        del MODELS.children['own']


def test_building_a_part_makes_checkpoints_load_safely():
    from mmengine.runner import CheckpointLoader
    MODELS.get('VOSDataPreprocessor')
    assert CheckpointLoader._get_checkpoint_loader('model.pth').__module__ == 'vosreg.engine.checkpoints'


def test_the_class_of_a_config():
    preprocessor = MODELS.get('VOSDataPreprocessor')
    assert MODELS.class_of(dict(type='VOSDataPreprocessor')) is preprocessor
    # As MMEngine's pure-Python configs give it.
    assert MODELS.class_of(dict(type=preprocessor)) is preprocessor
    with pytest.raises(KeyError, match='did you mean VOSDataPreprocessor'):
        MODELS.class_of(dict(type='VOSPreprocessor'))
