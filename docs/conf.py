"""How Sphinx builds the documentation: ``make docs``."""
import runpy
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]

project = 'vosreg'
copyright = 'the authors of vosreg'
version = release = runpy.run_path(str(REPOSITORY / 'vosreg' / 'version.py'))['__version__']

extensions = ['myst_parser']
# English and Chinese are two trees of one site, so that their pages may link to each other.
root_doc = 'index'
exclude_patterns = ['_build']
# Links may name the headings of a page, as on GitHub.
myst_heading_anchors = 3

html_theme = 'furo'
html_title = f'vosreg {version}'
html_copy_source = False


def tell_language(app, page, template, context, doctree) -> None:
    """Mark the Chinese pages as Chinese, for browsers and screen readers."""
    context['language'] = 'zh-CN' if page.startswith('zh_cn/') else 'en'


def setup(app) -> None:
    """Called by Sphinx."""
    app.connect('html-page-context', tell_language)
