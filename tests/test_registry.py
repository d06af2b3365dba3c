"""Registries that help with names."""
import mmengine.hooks  # noqa: F401 (registers MMEngine's hooks)
import mmengine.optim  # noqa: F401 (registers the optimizers)
import pytest
from mmengine.registry import OPTIMIZERS, DefaultScope

from vosreg.registry import HOOKS, MODELS


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
