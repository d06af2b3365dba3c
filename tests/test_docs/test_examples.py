"""The programs on the pages do what the pages say."""
import re

import torch
from mmengine.registry import init_default_scope
from pages import DOCS, Block, blocks, read
from small_datasets import write_video

from vosreg.engine import load_config
from vosreg.fileio import read_mask
from vosreg.registry import MODELS


def _programs(page: str) -> list:
    """The blocks of a page that import what they need."""
    return [block for block in blocks(read(DOCS / page)) if re.match(r'import |from ', block.text)]


def _run(block: Block) -> None:
    exec(compile(block.text, '<documentation>', 'exec'), {})


def test_shapes_of_a_step(capsys):
    page = 'en/config.md'
    program, = _programs(page)
    printed, = (block.text for block in blocks(read(DOCS / page)) if block.language == 'text')
    _run(program)
    assert capsys.readouterr().out == printed


def test_stream_of_get_started(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    init_default_scope('vosreg')
    names = ['00000', '00001', '00002']
    write_video(tmp_path / 'frames' / 'my_video', tmp_path / 'masks' / 'my_video', names, masked=names[:1])
    (tmp_path / 'work_dirs' / 'quickstart').mkdir(parents=True)
    model = MODELS.build(load_config('stcn/stcn_efficientnet-lite0_synthetic.py').model)
    torch.save(dict(state_dict=model.state_dict()), tmp_path / 'work_dirs' / 'quickstart' / 'iter_600.pth')
    program, = _programs('en/get_started.md')
    _run(program)
    given = read_mask('masks/my_video/00000.png')
    assert (read_mask('results/00000.png') == given).mean() > 0.95
    assert read_mask('results/00002.png').shape == given.shape


def test_quoted_configs():
    """The tutorial walks through the configs as they are."""
    quoted = ('stcn/stcn_resnet50_davis2017.py', '_base_/models/stcn_resnet50.py')
    sources = [read(DOCS.parent / 'configs' / name) for name in quoted]
    quotes = [block.text for block in blocks(read(DOCS / 'en/config.md')) if block.language == 'python']
    assert sum(any(quote in source for source in sources) for quote in quotes) == 3


def test_child_configs(tmp_path):
    """Configs that begin with one of vosreg change what the pages say."""
    init_default_scope('vosreg')
    models = {}
    for page in ('correspondence', 'migration'):
        config, = (block.text for block in blocks(read(DOCS / f'en/{page}.md')) if block.text.startswith('_base_'))
        path = tmp_path / f'{page}.py'
        path.write_text(config.replace('vosreg::', f'{DOCS.parent}/configs/'))
        models[page] = MODELS.build(load_config(path).model)
    assert [type(loss).__name__ for loss in models['correspondence'].correspondence] == [
        'PixelCorrespondence', 'ObjectCorrespondence']
    assert type(models['migration'].stream().memory).__name__ == 'StreamMemory'
