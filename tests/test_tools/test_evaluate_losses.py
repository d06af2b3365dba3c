"""tools/analysis_tools/evaluate_losses.py on a tiny model without training."""
import json

import pytest
import torch
from golden import REPOSITORY
from mmengine.registry import init_default_scope
from toy_training import run_tool

from vosreg.engine import load_config
from vosreg.registry import MODELS

TINY = """
_base_ = '{repository}/configs/stcn/stcn_efficientnet-lite0_synthetic.py'
model = dict(
    key_encoder=dict(backbone=dict(init_cfg=None), fusion=dict(out_channels=8), key_channels=8),
    value_encoder=dict(value_channels=8, num_blocks=1), head=dict(channels=(8, 8)),
    correspondence=[dict(type='PixelCorrespondence', schedule=dict(type='LinearRamp', start=100, end=300))])
train_dataloader = dict(
    batch_size=2, num_workers=0, persistent_workers=False, dataset=dict(size=(64, 64), num_videos=20))
train_dataloader['dataset']['pipeline'] = [
    dict(type='SampleFrames', num_frames=3, max_skip=4), dict(type='RenderClip'),
    dict(type='RandomFlip'), dict(type='RandomResizedCrop', size=48), dict(type='WarpClip'),
    dict(type='SelectObjects', max_objects=2), dict(type='PackClip')]
"""
NAMES = ['loss', 'loss_ce', 'loss_dice', 'loss_pixel_temporal', 'loss_pixel_cross_view']


@pytest.fixture
def evaluate(tmp_path, monkeypatch):
    """Run the tool; returns the rows of its JSON file, a dict of losses for each checkpoint."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / 'tiny.py').write_text(TINY.format(repository=REPOSITORY))

    def run(*arguments, config='tiny.py'):
        run_tool('evaluate-losses', config, *arguments, '--out', 'losses.json')
        return [row['losses'] for row in json.loads((tmp_path / 'losses.json').read_text())['checkpoints']]

    return run


def write_checkpoint(path, seed):
    init_default_scope('vosreg')
    torch.manual_seed(seed)
    torch.save(dict(state_dict=MODELS.build(load_config(path.with_name('tiny.py')).model).state_dict()), path)


def test_same_batches_for_all(evaluate, tmp_path, capsys):
    write_checkpoint(tmp_path / 'a.pth', 1)
    write_checkpoint(tmp_path / 'b.pth', 2)
    first, again, other = evaluate('a.pth', 'a.pth', 'b.pth', '--batches', 3)
    assert first == again and list(first) == NAMES
    assert all(first[name] != other[name] for name in NAMES)
    for loss in first.values():
        values = torch.tensor(loss['values'], dtype=torch.float64)
        assert len(set(loss['values'])) == 3
        assert loss['mean'] == pytest.approx(values.mean()) and loss['standard_error'] == pytest.approx(
            values.std() / 3**0.5)
    assert first['loss']['mean'] == pytest.approx(sum(first[name]['mean'] for name in NAMES[1:]))

    title, head, *rows = capsys.readouterr().out.splitlines()[-5:]
    assert title == '3 batches of 2 clips, seed 1000, schedules as at iteration 600'
    assert head.split() == ['checkpoint', *NAMES] and len({len(line) for line in (head, *rows)}) == 1
    assert rows[2].split()[:4] == ['b.pth', f'{other["loss"]["mean"]:.4f}', '±',
                                   f'{other["loss"]["standard_error"]:.4f}']
    # The checkpoints beside it do not matter, nor how many batches follow.
    alone, = evaluate('b.pth', '--batches', 2)
    assert all(alone[name]['values'] == other[name]['values'][:2] for name in NAMES)


def test_seed_and_iteration(evaluate):
    end, = evaluate('random', '--batches', 1)
    other_batches, = evaluate('random', '--batches', 1, '--seed', 1)
    assert end['loss_ce']['standard_error'] is None and end['loss_ce'] != other_batches['loss_ce']
    middle, = evaluate('random', '--batches', 1, '--iteration', 200)
    # The hardest 30 % of the pixels at the end, more before it; the ramp has come half its way.
    assert middle['loss_ce']['mean'] < end['loss_ce']['mean']
    assert middle['loss_dice']['mean'] == pytest.approx(end['loss_dice']['mean'])
    start, = evaluate('random', '--batches', 1, '--iteration', 0)
    assert start['loss_pixel_temporal']['mean'] == 0 < middle['loss_pixel_temporal']['mean']


def test_errors(evaluate, tmp_path, capsys):
    with pytest.raises(SystemExit, match='error: no such checkpoint: nothing.pth'):
        evaluate('random', 'nothing.pth')
    with pytest.raises(SystemExit, match='copy-first-mask_synthetic.py has no train_cfg'):
        evaluate('random', config='baselines/copy-first-mask_synthetic.py')
    with pytest.raises(SystemExit):
        evaluate('random', '--batches', 0)
    assert '--batches is 0; it must be at least 1' in capsys.readouterr().err
    assert not (tmp_path / 'losses.json').exists()
