"""The tools that look at configs, models and logs."""
import json
import runpy
import sys

import numpy as np
import pytest
import torch
from golden import REPOSITORY, load_module
from mmengine.registry import init_default_scope

from vosreg.engine import load_config
from vosreg.fileio import read_image
from vosreg.registry import MODELS

TOOLS = REPOSITORY / 'tools' / 'analysis_tools'
TINY = """
_base_ = '{repository}/configs/{base}'
model = dict(key_encoder=dict(backbone=dict(init_cfg=None), fusion=dict(out_channels=8), key_channels=8),
             value_encoder=dict(value_channels=8, num_blocks=1), head=dict(channels=(8, 8)))
test_dataloader = dict(num_workers=0, persistent_workers=False,
                       dataset=dict(size=(64, 80), num_videos=2, num_frames=4))
"""


@pytest.fixture
def run(monkeypatch, capsys):
    def run_tool(name, *arguments):
        monkeypatch.setattr(sys, 'argv', [name, *map(str, arguments)])
        runpy.run_path(str(TOOLS / f'{name}.py'), run_name='__main__')
        return capsys.readouterr().out
    return run_tool


def tiny_config(tmp_path, base='stcn/stcn_efficientnet-lite0_synthetic.py'):
    path = tmp_path / 'tiny.py'
    path.write_text(TINY.format(repository=REPOSITORY, base=base))
    return path


def build(path):
    init_default_scope('vosreg')
    return MODELS.build(load_config(path).model)


def test_print_config(run):
    text = run('print_config', 'baselines/copy-first-mask_synthetic.py', '--cfg-options', 'model.answer=42')
    assert "model = dict(answer=42, type='CopyFirstMask')" in text and 'test_dataloader = dict(' in text


def test_flops_of_known_parts(tmp_path):
    get_flops = load_module(TOOLS / 'get_flops.py')
    _, flops = get_flops.count(lambda: torch.nn.Conv2d(3, 5, 3, padding=1)(torch.zeros(1, 3, 8, 8)))
    assert flops == 5 * 3 * 9 * 64
    model = build(tiny_config(tmp_path))
    parts = get_flops.costs(model.eval(), 60, 80, num_objects=2, memory_frames=3)
    # 64 x 80 pixels at stride 8; affinity of all locations, by 8 channels and the square of the memory's key, and 20
    # rows of two objects' values for each query.
    query, memory = 8 * 10, 3 * 8 * 10
    assert parts['memory read'].multiply_adds == query * memory * (8 + 1) + query * 20 * 2 * 8
    one_object = get_flops.costs(model, 60, 80, num_objects=1, memory_frames=3)
    assert parts['key encoder'] == one_object['key encoder']
    # What the head makes of the image alone is shared by the objects.
    assert 1.3 < parts['readout head'].multiply_adds / one_object['readout head'].multiply_adds < 1.6
    assert sum(part.parameters for part in parts.values()) == sum(p.numel() for p in model.parameters())


def test_get_flops_of_xmem(run, tmp_path):
    config = tiny_config(tmp_path, 'xmem/xmem_efficientnet-lite0_synthetic.py')
    lines = run('get_flops', config, '--shape', 64, 80, '--memory-frames', 2, '--objects', 2).splitlines()
    assert lines[0] == '64 x 80 pixels, 2 objects, 2 frames in memory'
    numbers = {line[:15].strip(): [float(number) for number in line[15:].split()] for line in lines[2:7]}
    mean = sum(numbers[part][1] for part in ('key encoder', 'memory read', 'readout head'))
    assert numbers['mean of a frame'][1] == pytest.approx(mean + numbers['value encoder'][1] / 5, abs=2e-3)


def test_get_flops_needs_a_network(run):
    with pytest.raises(SystemExit, match='has a CopyFirstMask, which has no parts to count'):
        run('get_flops', 'baselines/copy-first-mask_synthetic.py')


def test_benchmark(run, tmp_path):
    config = tiny_config(tmp_path)
    model = build(config)
    torch.save({'state_dict': model.state_dict()}, tmp_path / 'tiny.pth')
    text = run('benchmark', config, tmp_path / 'tiny.pth', '--device', 'cpu', '--warmup', 2, '--max-frames', 6)
    assert text.startswith('4 frames after 2 to warm up, on cpu\n')
    model_speed, whole_speed, megabytes = (float(line.split(':')[1].split()[0]) for line in text.splitlines()[1:])
    assert model_speed >= whole_speed > 0 and megabytes > 100
    with pytest.raises(SystemExit, match='have 8 frames, of which none is left'):
        run('benchmark', config, '--device', 'cpu', '--warmup', 8)


@pytest.fixture
def runs(tmp_path):
    """Two runs; the first was interrupted after iteration 3 and went on from 2."""
    logs = {
        'first/20260101_000000': [dict(loss=4.0, lr=0.1, iter=step, step=step) for step in (1, 2, 3)],
        'first/20260101_000001': [dict(loss=2.0, lr=0.1, iter=3, step=3), dict(loss=1.0, lr=0.1, iter=4, step=4),
                                  {'davis/J&F-Mean': 0.5, 'time': 9.0, 'step': 0}],
        'second/20260101_000000': [dict(loss=3.0, iter=step, step=step) for step in (1, 2, 3, 4)],
    }
    for folder, records in logs.items():
        path = tmp_path / folder / 'vis_data' / 'scalars.json'
        path.parent.mkdir(parents=True)
        path.write_text('\n'.join(map(json.dumps, records)) + '\n{"loss": 0.')  # Killed while it wrote.
    return tmp_path / 'first', tmp_path / 'second'


def test_curves_of_a_resumed_run(runs):
    analyze_logs = load_module(TOOLS / 'analyze_logs.py')
    curves = analyze_logs.read_run(runs[0])
    assert curves['loss'] == {1: 4.0, 2: 4.0, 3: 2.0, 4: 1.0} and curves['davis/J&F-Mean'] == {4: 0.5}
    assert analyze_logs.default_keys({'first': curves}) == ['davis/J&F-Mean', 'loss']
    assert analyze_logs.smoothed(np.array([4., 2., 0.]), 2).tolist() == [4, 3, 1]


def test_analyze_logs(run, runs, tmp_path):
    text = run('analyze_logs', *runs, '--out', tmp_path / 'curves.png', '--smooth', '2')
    lines = [line.split() for line in text.splitlines()]
    assert ['first', '1', '4', '1', '4', '4', '1'] in lines and ['second', '3', '4', '3', '1', '3', '1'] in lines
    image = read_image(tmp_path / 'curves.png')
    assert image.shape[2] == 3 and image.std() > 5
    with pytest.raises(SystemExit, match='no run logged time; logged are davis/J&F-Mean, loss, lr'):
        run('analyze_logs', *runs, '--keys', 'time', '--out', tmp_path / 'curves.png')
