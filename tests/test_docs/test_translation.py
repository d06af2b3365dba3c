"""The Chinese pages say what the English ones say: the same sections, code and names."""
import re

import pytest
from pages import DOCS, blocks, headings, inline_code, read

ENGLISH, CHINESE = (sorted(path.relative_to(DOCS / language) for path in (DOCS / language).rglob('*.md'))
                    for language in ('en', 'zh_cn'))


def test_pages_are_translated():
    assert CHINESE == ENGLISH


@pytest.mark.parametrize('path', CHINESE, ids=str)
def test_translation(path):
    english, chinese = read(DOCS / 'en' / path), read(DOCS / 'zh_cn' / path)
    assert _levels(chinese) == _levels(english)
    assert _statements(chinese) == _statements(english)
    assert set(inline_code(chinese)) == set(inline_code(english))


def _levels(text: str) -> list:
    return [heading.split()[0] for heading in headings(text)]


def _statements(text: str) -> list:
    """The code of a page without its comments, which are translated."""
    code = [block.text for block in blocks(text) if block.language in ('python', 'bash')]
    return [re.sub(r'(^| +)#.*', '', each, flags=re.MULTILINE).split() for each in code]
