"""``tools/test.py --amp`` on a small model that matches."""
import json

import torch
from golden import REPOSITORY
from toy_training import run_tool

from vosreg.engine import load_config
from vosreg.fileio import read_mask
from vosreg.models.heads import ReadoutHead
from vosreg.registry import MODELS

TINY = """
_base_ = '{repository}/configs/stcn/stcn_efficientnet-lite0_synthetic.py'
model = dict(
    key_encoder=dict(backbone=dict(init_cfg=None, frozen=False), fusion=dict(out_channels=8), key_channels=8),
    value_encoder=dict(value_channels=8, num_blocks=1), head=dict(channels=(8, 8)), test_cfg=dict(mem_every=1))
test_dataloader = dict(num_workers=0, persistent_workers=False, dataset=dict(size=(64, 80), num_videos=1, num_frames=4))
test_evaluator = dict(type='DAVISMetric')
default_hooks = dict(visualization=dict(interval=0))
"""


def test_amp_computes_in_bfloat16_with_nearly_the_same_masks(tmp_path, monkeypatch):
    config, checkpoint = tmp_path / 'tiny.py', tmp_path / 'tiny.pth'
    config.write_text(TINY.format(repository=REPOSITORY))
    torch.manual_seed(0)
    model = MODELS.build(dict(load_config(str(config)).model, _scope_='vosreg'))
    torch.save(dict(state_dict=model.state_dict(), meta={}), checkpoint)
    types, segment = [], ReadoutHead.forward

    def record(self, *args, **kwargs):
        logits, sensory = segment(self, *args, **kwargs)
        types.append(logits.dtype)
        return logits, sensory

    monkeypatch.setattr(ReadoutHead, 'forward', record)
    for name, options in (('float32', []), ('bfloat16', ['--amp'])):
        run_tool('test', config, checkpoint, '--work-dir', tmp_path / name, '--out', tmp_path / name / 'masks',
                 '--cfg-options', f'experiment_name={name}', *options)
    assert types == [torch.float32] * 3 + [torch.bfloat16] * 3
    first, second = (
        torch.stack([torch.from_numpy(read_mask(path)) for path in sorted((tmp_path / name).rglob('*.png'))])
        for name in ('float32', 'bfloat16'))
    assert len(first) == 4 and first[1:].any() and (first == second).float().mean() > 0.98
    scores = json.loads(next((tmp_path / 'bfloat16').glob('*/*.json')).read_text())
    assert 0 <= scores['davis/J&F-Mean'] <= 1
