"""Every tool ends with one line that names the path where there is nothing, or something else than it takes."""
import pytest
import torch
from toy_training import run_tool

from vosreg.cli import find_tools

CONFIG = 'stcn/stcn_efficientnet-lite0_synthetic.py'
# PATH is what is wrong.
COMMANDS = (
    'analyze-logs PATH',
    'average-checkpoints PATH --out out.pth',
    f'benchmark {CONFIG} PATH',
    'browse-dataset PATH',
    'check-dataset PATH',
    'discover-objects PATH --out out',
    'eval-masks PATH empty_folder',
    f'evaluate-losses {CONFIG} PATH',
    'export-synthetic out --pictures PATH',
    'get-flops PATH',
    'make-submission PATH empty_folder out.zip',
    'merge-scores PATH --out out',
    'print-config PATH',
    'publish-model PATH out.pth',
    'publish-model weights.pth out.pth --config PATH',
    'resize-dataset PATH out',
    'segment PATH --box 0,0,9,9 --out out',
    'stcn-to-vosreg PATH out.pth',
    f'test {CONFIG} PATH',
    'tracks-to-masks PATH out',
    'train PATH',
    f'train {CONFIG} --resume PATH',
    f'visualize-correspondence {CONFIG} PATH',
    'vosreg-to-stcn PATH out.pth',
    'vosreg-to-xmem PATH out.pth',
    'xmem-to-vosreg PATH out.pth',
)
# An empty folder has an empty copy.
CASES = [(command, path) for command in COMMANDS for path in ('nothing_here', 'empty_folder', 'hello.txt')
         if (command, path) != ('resize-dataset PATH out', 'empty_folder')]
WITHOUT_INPUT = {'fetch-photographs', 'list-models', 'quickstart'}


def test_no_tool_is_forgotten():
    assert {command.split()[0] for command in COMMANDS} | WITHOUT_INPUT == set(find_tools())


@pytest.mark.parametrize('command, path', CASES)
def test_one_line_names_the_path(command, path, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / 'empty_folder').mkdir()
    (tmp_path / 'hello.txt').write_text('hello\n')
    torch.save({'state_dict': {}}, 'weights.pth')
    with pytest.raises(SystemExit) as ended:
        run_tool(*command.replace('PATH', path).split())
    message, = str(ended.value).splitlines()
    assert message.startswith('error: ') and path in message


@pytest.mark.parametrize('command', [
    'benchmark CONFIG', 'browse-dataset CONFIG', 'discover-objects CONFIG --out out', 'evaluate-losses CONFIG no.pth',
    'get-flops CONFIG', 'make-submission CONFIG masks out.zip', 'test CONFIG no.pth', 'train CONFIG',
    'visualize-correspondence CONFIG no.pth'])
@pytest.mark.parametrize('name, content', [
    ('half.py', "work_dir = 'here'\n"), ('broken.json', '{"model": '), ('broken.yaml', 'model: [')])
def test_a_config_that_lacks_what_the_tool_needs(command, name, content, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / name).write_text(content)
    with pytest.raises(SystemExit) as ended:
        run_tool(*command.replace('CONFIG', name).split())
    message, *more = str(ended.value).splitlines()
    assert message.startswith('error: ') and name in message and (not more or name == 'broken.yaml')
    if name == 'half.py':
        assert message.endswith('; choose a config that has')


@pytest.mark.parametrize('command', ['stcn-to-vosreg', 'xmem-to-vosreg', 'vosreg-to-stcn', 'vosreg-to-xmem'])
@pytest.mark.parametrize('content', [{}, {'it': 7, 'optimizer': {}}, {'head.weight': torch.zeros(1)}])
def test_a_checkpoint_of_something_else(command, content, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    torch.save(content, 'other.pth')
    with pytest.raises(SystemExit, match='error: .* checkpoint other.pth'):
        run_tool(command, 'other.pth', 'out.pth')
    assert not (tmp_path / 'out.pth').exists()
