"""The documentation builds without a warning, in both languages."""
import subprocess
import sys

from pages import DOCS, PAGES


def test_build(tmp_path):
    result = subprocess.run([sys.executable, '-m', 'sphinx', '-W', '--keep-going', '-q', str(DOCS), str(tmp_path)],
                            capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    for path in PAGES:
        assert (tmp_path / path.relative_to(DOCS).with_suffix('.html')).is_file()
    assert '<html lang="zh-CN"' in _start(tmp_path / 'zh_cn' / 'config.html')
    assert '<html lang="en"' in _start(tmp_path / 'en' / 'config.html')


def _start(path) -> str:
    return path.read_text(encoding='utf-8')[:1000].replace('class="no-js" ', '')
