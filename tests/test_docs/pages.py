"""The pages of the documentation and what stands in them."""
import re
from pathlib import Path
from typing import Dict, List, NamedTuple

from golden import REPOSITORY

DOCS = REPOSITORY / 'docs'
PAGES = sorted(path for path in DOCS.rglob('*.md') if '_build' not in path.parts)
READMES = [REPOSITORY / 'README.md', REPOSITORY / 'README_zh-CN.md']

_BLOCK = re.compile(r'^```(\w*)\n(.*?)^```$', re.DOTALL | re.MULTILINE)


class Block(NamedTuple):
    """A block of code: its language and its text."""
    language: str
    text: str


def blocks(text: str) -> List[Block]:
    """The blocks of code of a page, in order."""
    return [Block(*match) for match in _BLOCK.findall(text)]


def without_blocks(text: str) -> str:
    """The page without its blocks of code."""
    return _BLOCK.sub('', text)


def named_files(text: str) -> Dict[str, str]:
    """The blocks that begin with the name of a file, such as ``# my_head.py``, by that name."""
    files = {}
    for block in blocks(text):
        match = re.match(r'# (\w+\.py)\n', block.text)
        if match:
            files[match[1]] = block.text
    return files


def page(name: str) -> str:
    """The text of a page, such as ``en/config.md``."""
    return Path(DOCS / name).read_text(encoding='utf-8')
