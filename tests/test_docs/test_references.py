"""Whatever the documentation names is there: pages and headings, files, parts, keys of configs, options of tools."""
import inspect
import re
from functools import lru_cache
from typing import Iterator, Optional

import mmengine.registry
import pytest
import torch
from golden import REPOSITORY
from mmengine.config import Config
from mmengine.runner import Runner
from pages import PAGES, READMES, blocks, headings, inline_code, read, without_blocks

from vosreg import registry
from vosreg.models.segmentors import VideoStream

ALL = [*PAGES, *READMES]
REGISTRIES = [value for module in (registry, mmengine.registry) for value in vars(module).values()
              if isinstance(value, mmengine.registry.Registry)]
CONFIGS = [
    'stcn/stcn_resnet50_davis2017.py', 'xmem/xmem_resnet50_davis2017.py', 'stcn/stcn_efficientnet-lite0_synthetic.py',
    'stcn/stcn_efficientnet-lite0_synthetic-to-folder.py', 'baselines/copy-first-mask_youtube-vos2018.py'
]
# What no dict(type=...) of a config tells.
FURTHER_KEYS = {
    'model.test_cfg': {*inspect.signature(VideoStream).parameters, 'views', 'keep_scores'},
    'randomness': {*inspect.signature(Runner.set_randomness).parameters},
    'optim_wrapper.clip_grad': {*inspect.signature(torch.nn.utils.clip_grad_norm_).parameters},
}
FILE = re.compile(r'(?<![\w/.-])((?:configs|tools|benchmarks|tests|vosreg|docs)/[\w./-]+)')
CONFIG_FILE = re.compile(r'(?<![\w/.-])((?:_base_|stcn|xmem|baselines|correspondence)/[\w./-]+)')
KEY = re.compile(r'(?<![\w/.-])((?:model|train_dataloader|test_dataloader|val_dataloader|optim_wrapper|param_scheduler|'
                 r'train_cfg|test_cfg|default_hooks|env_cfg|randomness|test_evaluator)(?:\.\w+)+)(?![\w(/])')


def _id(path) -> str:
    return str(path.relative_to(REPOSITORY))


def _code(text: str) -> Iterator[str]:
    """Everything that is set as code; lines that a backslash joins are one."""
    yield from inline_code(text)
    for block in blocks(text):
        yield from block.text.replace('\\\n', ' ').splitlines()


def _anchor(heading: str) -> str:
    """The name of a heading in links, on GitHub and in the built pages."""
    return re.sub(r'[^\w\- ]', '', heading.lstrip('#').strip().lower()).replace(' ', '-')


@pytest.mark.parametrize('path', ALL, ids=_id)
def test_links(path):
    for target in re.findall(r'\]\(([^)\s]+)\)', without_blocks(read(path))):
        if re.match(r'https?:', target):
            continue
        name, _, anchor = target.partition('#')
        other = (path.parent / name).resolve() if name else path
        assert other.exists(), f'{target}: no such file'
        assert not anchor or anchor in map(_anchor, headings(read(other))), f'{target}: no such heading'


@pytest.mark.parametrize('path', ALL, ids=_id)
def test_files(path):
    for code in _code(read(path)):
        named = [REPOSITORY / name for name in FILE.findall(code)]
        named += [REPOSITORY / 'configs' / name for name in CONFIG_FILE.findall(code)]
        for file in named:
            # Capitals and dots stand for something to fill in.
            if not re.search(r'[A-Z]{3}|\.\.\.', _id(file)):
                assert file.exists(), f'{code}: no such file'


@pytest.mark.parametrize('path', ALL, ids=_id)
def test_parts(path):
    code = '\n'.join(_code(read(path)))
    own = set(re.findall(r'^class (\w+)', code, flags=re.MULTILINE)) | {'MyHead', 'MyLoss'}
    for name in set(re.findall(r"type='(\w+)'", code)) - own:
        assert any(name in each for each in REGISTRIES), f'no part is called {name}'


@pytest.mark.parametrize('path', ALL, ids=_id)
def test_config_keys(path):
    for code in _code(read(path)):
        for key in KEY.findall(code):
            assert _is_key(key), f'{code}: no config has {key}, and nothing there takes it'


@pytest.mark.parametrize('path', ALL, ids=_id)
def test_options_of_tools(path):
    for code in _code(read(path)):
        match = re.search(r'tools/(?:\w+/)?(\w+)\.(?:py|sh) (.*)', code)
        if match:
            tool = match[1].removeprefix('dist_').removeprefix('slurm_')
            source = read(next((REPOSITORY / 'tools').rglob(f'{tool}.py')))
            for option in set(re.findall(r'(?<![\w-])--[a-z0-9-]+', match[2])) - {'--help'}:
                assert f"'{option}'" in source, f'{tool} has no option {option}'


@lru_cache
def _config(name: str) -> dict:
    return Config.fromfile(REPOSITORY / 'configs' / name).to_dict()


@lru_cache
def _is_key(key: str) -> bool:
    return any(_has_key(_config(name), key) for name in CONFIGS)


def _has_key(node, key: str) -> bool:
    """Whether a config has a place, or a part that takes it as an argument."""
    steps = key.split('.')
    for number, step in enumerate(steps):
        if isinstance(node, list) and step.isdigit():
            node = node[int(step)]
        elif isinstance(node, dict) and step in node:
            node = node[step]
        else:
            is_last = number == len(steps) - 1
            parent = '.'.join(steps[:number])
            return is_last and (step in FURTHER_KEYS.get(parent, ()) or _takes(_class(node), step))
    return True


def _class(node) -> Optional[type]:
    name = node.get('type') if isinstance(node, dict) else None
    return next((each.get(name) for each in REGISTRIES if name in each), None) if name else None


def _takes(part: Optional[type], argument: str) -> bool:
    return part is not None and any(argument in inspect.signature(base.__init__).parameters for base in part.__mro__)
