"""The hooks in whole trainings of a toy model."""
import pytest
import torch
from mmengine.config import Config
from mmengine.registry import DefaultScope
from mmengine.runner import Runner
from toy_training import write_config

from vosreg.engine.checkpoints import load_from_local
from vosreg.engine.hooks import FrameGapCurriculumHook, MaxSkipSchedule
from vosreg.engine.hooks.versions_hook import versions
from vosreg.registry import HOOKS


def _runner(tmp_path, **changes) -> Runner:
    config = Config.fromfile(write_config(tmp_path / f'{tmp_path.name}.py', **changes))
    config.work_dir = str(tmp_path / 'work')
    return Runner.from_cfg(config)


def test_the_default_schedule_is_that_of_stcn():
    hook = FrameGapCurriculumHook()
    schedule = MaxSkipSchedule(tuple(round(f * 1000) for f in hook.fractions), hook.max_skips, batch_size=8)
    changes = [(i, schedule.at_iteration(i)) for i in range(1000)
               if i == 0 or schedule.at_iteration(i) != schedule.at_iteration(i - 1)]
    assert changes == [(0, 5), (100, 10), (200, 15), (300, 20), (400, 25), (900, 5)]
    assert schedule(100 * 8 - 1) == 5 and schedule(100 * 8) == 10


@pytest.mark.parametrize('num_workers', [0, 2])
def test_each_iteration_sees_its_gap_whatever_the_workers_prefetch(tmp_path, monkeypatch, num_workers):
    hook = "dict(type='FrameGapCurriculumHook', fractions=(0, 0.5, 0.8), max_skips=(5, 25, 3))"
    runner = _runner(tmp_path, custom_hooks=f'[{hook}]', train_cfg="dict(type='IterBasedTrainLoop', max_iters=10)")
    runner._train_dataloader['num_workers'] = num_workers
    seen, logged = [], []
    model = runner.model
    step = model.train_step

    def train_step(data, optim_wrapper):
        seen.append([sample.max_skip for sample in data['data_samples']])
        return step(data, optim_wrapper)

    monkeypatch.setattr(model, 'train_step', train_step)
    monkeypatch.setattr(runner.logger, 'info', lambda text, *args: logged.append(str(text)))
    runner.train()
    del runner.train_loop.dataloader_iterator  # Garbage collection would wait 5 seconds for each worker.
    assert seen == [[5, 5]] * 5 + [[25, 25]] * 3 + [[3, 3]] * 2
    changes = [text for text in logged if 'max_skip=' in text]
    assert [text.split()[-1] for text in changes] == ['0', '5', '8']


def test_a_sampler_without_schedule_is_refused(tmp_path):
    runner = _runner(tmp_path, custom_hooks="[dict(type='FrameGapCurriculumHook')]")
    runner._train_dataloader['sampler'] = dict(type='InfiniteSampler')
    with pytest.raises(TypeError, match='needs a ClipSampler in train_dataloader, which has a InfiniteSampler'):
        runner.train()


@pytest.mark.parametrize('fractions, max_skips, message', [
    ((0, .5), (1, 2, 3), '2 fractions, but 3 max_skips'),
    ((.1, .5), (1, 2), 'ascend from 0'),
    ((0, .5, .2), (1, 2, 3), 'ascend from 0'),
    ((0, 1), (1, 2), 'below 1'),
])
def test_an_impossible_curriculum_is_refused(fractions, max_skips, message):
    with pytest.raises(ValueError, match=message):
        FrameGapCurriculumHook(fractions, max_skips)


def test_a_checkpoint_tells_what_made_it(tmp_path):
    _runner(tmp_path).train()
    meta = load_from_local(str(tmp_path / 'work' / 'iter_6.pth'))['meta']
    assert meta['versions'] == versions()
    assert meta['versions']['torch'].startswith(torch.__version__.split('+')[0])
    assert meta['seed'] == 0 and 'ToyModel' in meta['cfg']
    assert 'Versions: vosreg ' in next((tmp_path / 'work').glob('*/*.log')).read_text()
    assert Config.fromfile(next((tmp_path / 'work').glob('*.py'))).model.type == 'ToyModel'


def test_only_the_main_process_writes_the_results_of_a_test(monkeypatch):
    with DefaultScope.overwrite_default_scope('vosreg'):
        logger = HOOKS.build(dict(type='LoggerHook'))
    with pytest.raises(AttributeError):  # The main process looks at its runner.
        logger.after_test_epoch(runner=None)
    monkeypatch.setattr('mmengine.dist.utils.is_main_process', lambda group=None: False)
    logger.after_test_epoch(runner=None)
