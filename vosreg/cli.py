"""The command ``vosreg``: run the tools that come with the package, from any folder."""
import argparse
import ast
import os
import runpy
import sys
from pathlib import Path
from typing import Dict, List, Optional

from .packaged import packaged_path
from .version import __version__


def main(arguments: Optional[List[str]] = None) -> None:
    """Run ``vosreg COMMAND ...`` as ``python tools/COMMAND.py ...``.

    Args:
        arguments: What follows ``vosreg``; by default that of the process.
    """
    tools = find_tools()
    listing = '\n'.join(f'  {command:<20}{_summary(path)}' for command, path in tools.items())
    parser = argparse.ArgumentParser(
        prog='vosreg',
        formatter_class=argparse.RawDescriptionHelpFormatter,
        description='Matching-based video object segmentation.',
        epilog=f'commands:\n{listing}\n\n`vosreg COMMAND --help` tells what a command takes.')
    parser.add_argument('--version', action='version', version=f'vosreg {__version__}')
    parser.add_argument('command', choices=tools, metavar='COMMAND', help='one of those below')
    parser.add_argument('arguments', nargs=argparse.REMAINDER, metavar='...', help='what the command takes')
    args = parser.parse_args(arguments)
    tool = str(tools[args.command])
    sys.argv = [tool, *args.arguments]
    try:
        runpy.run_path(tool, run_name='__main__')
        sys.stdout.flush()
    except BrokenPipeError:  # Who reads the output has seen enough, as `| head` has.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)


def find_tools() -> Dict[str, Path]:
    """The scripts below ``tools/`` by the names of their commands (``eval_masks.py`` is ``eval-masks``)."""
    return {path.stem.replace('_', '-'): path for path in sorted(packaged_path('tools').rglob('*.py'))}


def _summary(path: Path) -> str:
    return (ast.get_docstring(ast.parse(path.read_text(encoding='utf-8'))) or '').partition('\n')[0]
