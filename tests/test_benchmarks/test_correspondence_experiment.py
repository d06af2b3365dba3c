"""The experiment on the correspondence losses: its arms are paired, its numbers right, its runs not repeated."""
import argparse
import copy
import functools
import json
import os
import sys
from pathlib import Path
from unittest import mock

import pytest
import torch
from golden import REPOSITORY
from mmengine.registry import init_default_scope
from mmengine.runner import Runner

from vosreg.datasets import SyntheticVOS
from vosreg.registry import MODELS

sys.path.insert(0, str(REPOSITORY / 'benchmarks' / 'correspondence'))
import experiment  # noqa: E402
import report  # noqa: E402
import run  # noqa: E402
import studies  # noqa: E402
from clip_cache import use_cache  # noqa: E402
from run import run_folder, scores_path  # noqa: E402
from studies import ARMS, COMMON_ARMS, STUDIES, build_config  # noqa: E402

load_once = functools.lru_cache(studies.load_config)


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    """The scope of the registries; and the base config is read from its files once, not for every arm."""
    init_default_scope('vosreg')
    monkeypatch.setattr(studies, 'load_config', lambda name: copy.deepcopy(load_once(name)))


def config_of(study: str, arm: str, seed: int = 0, clips: Path = Path('clips'), **kwargs):
    return build_config(STUDIES[study], arm, seed, clips, **kwargs)


def small(config):
    """Let a run train on small crops of small scenes."""
    dataset = config.train_dataloader.dataset
    for part in dataset.get('datasets', [dataset]):
        next(transform for transform in part.pipeline if transform['type'] == 'RandomResizedCrop').size = 64
        if part.type == 'SyntheticVOS':
            part.size = (72, 96)
    return config


def first_batch(config) -> dict:
    config.train_dataloader.update(num_workers=0, persistent_workers=False)
    return next(iter(Runner.build_dataloader(config.train_dataloader, seed=config.randomness.seed)))


@pytest.mark.parametrize('study', STUDIES)
def test_every_arm_of_a_study_differs_in_the_losses_only(study):
    configs = {arm: config_of(study, arm).to_dict() for arm in ARMS}
    for arm, config in configs.items():
        losses = config['model'].pop('correspondence')
        assert [loss['type'].lower().removesuffix('correspondence') for loss in losses] == list(ARMS[arm])
        dataset = config['train_dataloader']['dataset']
        for part in dataset.get('datasets', [dataset]):
            names = [transform['type'] for transform in part['pipeline']]
            if 'DiscoverObjects' in names:
                place = names.index('DiscoverObjects')
                assert names[place - 1] in ('WarpClip', 'DropAnnotations')
                del part['pipeline'][place]
            discovers = 'object' in ARMS[arm] and ARMS[arm]['object'].get('discovered', True)
            assert ('DiscoverObjects' in names) == discovers
        assert config == configs['none']


@pytest.mark.parametrize('study', ['stride-16-30', 'trained-backbone-all'])
def test_models_start_from_the_same_weights(study):
    states = []
    for arm in ('none', 'both-projection'):
        torch.manual_seed(0)
        model = MODELS.build(config_of(study, arm).model)
        states.append({name: weight for name, weight in model.state_dict().items() if 'correspondence' not in name})
    assert states[0].keys() == states[1].keys()
    assert all(torch.equal(weight, states[1][name]) for name, weight in states[0].items())
    backbone = [weight.requires_grad for weight in model.key_encoder.backbone.parameters()]
    assert all(backbone) if study.startswith('trained') else not any(backbone)


@pytest.mark.parametrize('arm', [arm for arm in ARMS if arm not in COMMON_ARMS])
def test_the_losses_of_an_arm_build(arm):
    config = config_of('all', arm)
    key_encoder = MODELS.build(config.model.key_encoder)
    for loss in config.model.correspondence:
        settings = ARMS[arm]['pixel' if loss.type == 'PixelCorrespondence' else 'object']
        built = MODELS.build(dict(loss, spec=key_encoder.spec))
        for name in settings.keys() - {'schedule', 'projection_channels', 'annotated', 'discovered'}:
            assert getattr(built, name) == settings[name]
        if loss.type == 'ObjectCorrespondence':
            assert ('masks' in built.sources, 'proposals' in built.sources) == (
                settings.get('annotated', True), settings.get('discovered', True))
        assert (built.schedule is not None) == arm.endswith('-ramp') == ('schedule' in settings)
        assert (built.projection is None) == ('projection_channels' not in settings)


def test_few_labels_batches_are_paired_and_half_labelled():
    none, pixel, both = (first_batch(small(config_of('few-labels-10', arm))) for arm in ('none', 'pixel', 'both'))
    assert [sample.num_objects > 0 for sample in none['data_samples']] == [True] * 4 + [False] * 4
    numbers = [int(sample.video.removeprefix('train_')) for sample in none['data_samples']]
    assert max(numbers[:4]) < 10 <= max(numbers[4:])
    for batch in (pixel, both):
        assert all(torch.equal(*clips) for clips in zip(none['inputs'], batch['inputs']))
        assert all(torch.equal(a.masks, b.masks) for a, b in zip(none['data_samples'], batch['data_samples']))
    assert all('proposals' in sample for sample in both['data_samples'])


def test_arms_share_a_cache_of_the_same_clips(tmp_path, monkeypatch):
    plain = first_batch(small(config_of('all', 'none')))
    configs = [small(config_of('all', 'none')), small(config_of('stride-16-all', 'object'))]
    for config in configs:
        use_cache(config, tmp_path)
    made = first_batch(configs[0])
    assert len(list(tmp_path.glob('*/*.pkl'))) == 4
    monkeypatch.setattr(SyntheticVOS, '__getitem__', lambda *_: pytest.fail('the clip is in the cache'))
    read = first_batch(configs[1])
    for batch in (made, read):
        assert all(torch.equal(*clips) for clips in zip(plain['inputs'], batch['inputs']))
        assert all(torch.equal(a.masks, b.masks) for a, b in zip(plain['data_samples'], batch['data_samples']))
        assert all('proposals' in sample for sample in batch['data_samples'])


def test_another_seed_gives_other_scenes_and_clips():
    first, again, other = (first_batch(small(config_of('all', 'none', seed))) for seed in (1, 1, 2))
    assert len(first['inputs']) == 4
    assert all(torch.equal(*clips) for clips in zip(first['inputs'], again['inputs']))
    assert not any(torch.equal(*clips) for clips in zip(first['inputs'], other['inputs']))


def test_real_frames_come_without_labels(clips_root):
    batch = first_batch(small(config_of('own-frames-30', 'none', clips=clips_root)))
    assert [sample.num_objects > 0 for sample in batch['data_samples']] == [True] * 4 + [False] * 4
    assert [sample.video for sample in batch['data_samples'][4:]] == ['tennis', 'bmx-trees', 'schoolgirls', 'caps']


def test_a_longer_schedule_is_the_same_one_stretched():
    config = config_of('longer-all', 'both-ramp')
    assert config.train_cfg.max_iters == 2400
    assert [(loss.schedule.start, loss.schedule.end) for loss in config.model.correspondence] == [(480, 1440)] * 2
    assert (config.model.losses[0].start, config.model.losses[0].end) == (400, 1600)
    assert [(part.begin, part.end) for part in config.param_scheduler] == [(0, 200), (200, 2400)]
    assert config_of('longer-all', 'both', iterations=4).train_cfg.max_iters == 4


def write_scores(out: Path, study: str, arm: str, seed: int, jf: float, real: float = 0.5) -> None:
    scores = {name: {'davis/J&F-Mean': value, 'match/object-mass': value / 2}
              for name, value in zip(report.CLIP_SETS, (jf, real, real, real, real + 0.2))}
    path = scores_path(run_folder(out, study, arm, seed))
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(dict(study=study, arm=arm, seed=seed, step_seconds=0.25, scores=scores)))


def test_report_gives_means_and_paired_differences(tmp_path):
    for seed, (none, both) in enumerate([(0.50, 0.52), (0.60, 0.66)]):
        write_scores(tmp_path, 'all', 'none', seed, none)
        write_scores(tmp_path, 'all', 'both', seed, both, real=0.6)
    write_scores(tmp_path, 'all', 'pixel', 0, 0.4)
    arms = report.read_results(tmp_path)['all']
    header, _, none, pixel, both = (
        [field.strip() for field in line.strip('|').split('|')] for line in report.table(arms).splitlines())
    both, pixel, none = (dict(zip(header, row)) for row in (both, pixel, none))
    assert none['J&F synthetic'] == '55.0' and none['n'] == '2'
    assert both['J&F synthetic'] == '59.0 (+4.0 ± 2.8)'  # Of +2 and +6, the deviation of a sample of two.
    assert both['J&F real'] == '65.0 (+10.0 ± 0.0)'  # Mean of 60, 60, 60 and 80.
    assert both['J&F DAVIS'] == '60.0 (+10.0 ± 0.0)' and both['object-mass DAVIS'] == '30.0 (+5.0 ± 0.0)'
    assert both['J&F caps'] == '80.0 (+10.0 ± 0.0)' and 'object-mass caps' not in both
    assert both['object-mass synthetic'] == '29.5 (+2.0 ± 1.4)'
    assert pixel['J&F synthetic'] == '40.0 (-10.0)' and pixel['n'] == '1'
    assert both['flow-1 synthetic'] == '–'


def test_values_without_a_partner_are_shown_without_difference(tmp_path):
    """One run of the baseline was not evaluated on the clip that its partner was, and one arm has no partner at all."""
    for seed in range(2):
        write_scores(tmp_path, 'all', 'none', seed, 0.5)
    for seed, arm in ((0, 'both'), (1, 'both'), (2, 'pixel')):
        write_scores(tmp_path, 'all', arm, seed, 0.6, real=0.6)
    results = report.read_results(tmp_path)
    del results['all']['none'][1]['scores']['caps']
    rows = [[field.strip() for field in line.strip('|').split('|')]
            for line in report.table(results['all']).splitlines()]
    none, pixel, both = (dict(zip(rows[0], row)) for row in rows[2:])
    assert none['J&F caps'] == '–' and both['J&F caps'] == '80.0 (+10.0)'
    assert pixel['J&F synthetic'] == '60.0' and pixel['n'] == '1 (0 pairs)'
    report.draw_differences(results, tmp_path / 'differences.png')


def test_report_draws(tmp_path):
    for study in ('few-labels-10', 'all'):
        for seed in range(2):
            write_scores(tmp_path, study, 'none', seed, 0.5)
            log = run_folder(tmp_path, study, 'none', seed) / 'today' / 'vis_data' / 'scalars.json'
            log.parent.mkdir(parents=True)
            log.write_text('{"loss": 3, "loss_ce": 1.0, "loss_dice": 2.0, "step": 20}\n')
    results = report.read_results(tmp_path)
    report.draw_few_labels(results, tmp_path / 'figure.png')
    report.draw_differences(results, tmp_path / 'differences.png')
    report.draw_losses(tmp_path, results, tmp_path / 'losses.png')
    assert all((tmp_path / name).stat().st_size > 10000 for name in ('figure.png', 'differences.png', 'losses.png'))


def test_results_in_one_file_are_the_same(tmp_path):
    write_scores(tmp_path, 'all', 'none', 0, 0.5)
    write_scores(tmp_path, 'all', 'both', 0, 0.6)
    results = report.read_results(tmp_path)
    report.write_results(tmp_path / 'results.jsonl', results)
    assert report.read_results(tmp_path / 'results.jsonl') == results


def test_runs_go_seed_by_seed():
    runs = experiment.plan_runs(['all', 'few-labels-10'], ['none', 'both', 'none'], [0, 1])
    assert list(map(str, runs[:5])) == [
        'all / none / seed 0', 'all / both / seed 0', 'few-labels-10 / none / seed 0', 'few-labels-10 / both / seed 0',
        'all / none / seed 1']
    assert len(runs) == 8


def test_names_of_studies_and_arms():
    assert experiment.find_studies('few-labels') == ['few-labels-10', 'few-labels-30', 'few-labels-100']
    assert experiment.find_studies('few-labels-10') == ['few-labels-10'] and experiment.find_studies('all') == ['all']
    assert experiment.find_arms('both-anchors-4*') == ['both-anchors-4', 'both-anchors-4-ramp']
    with pytest.raises(argparse.ArgumentTypeError, match="no study 'fewer'; there are all, few-labels-10"):
        experiment.find_studies('fewer')


def test_finished_runs_are_skipped_and_failed_ones_reported(tmp_path, monkeypatch, capsys):
    write_scores(tmp_path, 'all', 'none', 0, 0.5)
    executed = []

    def execute(planned, args):
        executed.append(planned)
        return int(planned.arm == 'pixel')

    monkeypatch.setattr(experiment, 'execute', execute)
    command = ['experiment.py', 'all', '--seeds', '0', '--jobs', '2', '--out', str(tmp_path)]
    monkeypatch.setattr(sys, 'argv', [*command, '--clips', 'clips'])
    with pytest.raises(SystemExit, match=r'all / pixel / seed 0: see .*pixel/seed_0/log.txt'):
        experiment.main()
    assert {planned.arm for planned in executed} == {'pixel', 'object', 'both'}
    assert '4 runs, of which 1 are finished' in capsys.readouterr().out
    monkeypatch.delenv('VOSREG_CLIPS', raising=False)
    monkeypatch.setattr(sys, 'argv', command)
    with pytest.raises(SystemExit):
        experiment.main()
    assert 'where are the real clips?' in capsys.readouterr().err and len(executed) == 3


def test_a_run_gets_its_options_and_its_log(tmp_path, monkeypatch):
    started = {}

    def start(command, env, stdout, **_):
        started.update(command=command[2:], threads=env['OMP_NUM_THREADS'], log=stdout.name)
        return argparse.Namespace(returncode=3)

    monkeypatch.setattr(experiment.subprocess, 'run', start)
    args = argparse.Namespace(out=tmp_path, workers=4, clips=None, iterations=9, jobs=2, cache=Path('kept'))
    assert experiment.execute(experiment.Run('all', 'both', 1), args) == 3
    assert started['command'] == [
        '--study', 'all', '--arm', 'both', '--seed', '1', '--out', str(tmp_path), '--workers', '4',
        '--iterations', '9', '--cache', 'kept']
    assert started['threads'] == '1' and Path(started['log']) == tmp_path / 'all' / 'both' / 'seed_1' / 'log.txt'


def test_an_interrupted_run_goes_on_and_a_finished_one_is_left_alone(tmp_path, monkeypatch):
    videos = dict(
        type='SyntheticVOS', split='val', num_videos=1, num_frames=7, size=(64, 64), test_mode=True,
        pipeline=[dict(type='RenderFrame'), dict(type='PackFrame')])
    monkeypatch.setattr(run, 'clip_sets', lambda clips: dict(synthetic=videos))
    monkeypatch.setattr(run, 'build_config', lambda *args: small(build_config(*args)))
    monkeypatch.setattr(sys, 'argv', [
        'run.py', '--study', 'stride-16-all', '--arm', 'pixel', '--out', str(tmp_path), '--clips', 'clips',
        '--iterations', '2', '--workers', '0'])
    folder = run_folder(tmp_path, 'stride-16-all', 'pixel', 0)
    with mock.patch.dict(os.environ):
        with mock.patch.object(run, 'evaluate', side_effect=KeyboardInterrupt), pytest.raises(KeyboardInterrupt):
            run.main()
        assert (folder / 'iter_2.pth').exists() and not scores_path(folder).exists()
        run.main()
        written = scores_path(folder).read_bytes()
        monkeypatch.setattr(run, 'train', lambda config: pytest.fail('the run is finished'))
        run.main()
    scores = json.loads(written)
    assert scores_path(folder).read_bytes() == written and not list(folder.glob('*.pth'))
    assert any('resumed epoch: 0, iter: 2' in log.read_text() for log in folder.glob('*/*.log'))
    assert scores['iterations'] == 2 and 0 < scores['step_seconds'] <= scores['iteration_seconds']
    assert 2e6 < scores['trained_parameters'] < 3e6
    assert {'davis/J&F-Mean', 'match/object-mass', 'match/flow-2'} <= scores['scores']['synthetic'].keys()
