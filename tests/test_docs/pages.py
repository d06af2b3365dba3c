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


def read(path: Path) -> str:
    """The text of a page."""
    return path.read_text(encoding='utf-8')


def blocks(text: str) -> List[Block]:
    """The blocks of code of a page, in order."""
    return [Block(*match) for match in _BLOCK.findall(text)]


def without_blocks(text: str) -> str:
    """The page without its blocks of code and directives."""
    return re.sub(r'^```.*?^```$', '', text, flags=re.DOTALL | re.MULTILINE)


def inline_code(text: str) -> List[str]:
    """What stands in backticks outside of the blocks, in order."""
    return [' '.join(code.split()) for code in re.findall(r'`([^`]+)`', without_blocks(text))]


def headings(text: str) -> List[str]:
    """The headings of a page with their ``#``, in order."""
    return re.findall(r'^#+ .+$', without_blocks(text), flags=re.MULTILINE)


def named_files(text: str) -> Dict[str, str]:
    """The blocks that begin with the name of a file, such as ``# my_head.py``, by that name."""
    files = {}
    for block in blocks(text):
        match = re.match(r'# (\w+\.py)\n', block.text)
        if match:
            files[match[1]] = block.text
    return files
