"""The commands `vosreg segment` and `vosreg list-models`."""
import os
import runpy
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
import torch
from golden import REPOSITORY
from small_video import moving_squares, read_masks, write_first_mask, write_frames
from toy_training import run_tool

from vosreg import zoo
from vosreg.apis import Annotations, Boxes, Polygons, VOSInferencer, inferencer, open_frames, result_folder
from vosreg.fileio import read_video, write_mask, write_video
from vosreg.models.segmentors import VideoStream


def _segment(*arguments):
    run_tool('segment', *arguments, '--device', 'cpu')


def _equal(one, other) -> bool:
    return len(one) == len(other) > 0 and all((a == b).all() for a, b in zip(one, other))


@pytest.mark.parametrize('option, values, masks', [
    ('--box', ['4,4,24,20', '10,26,30,42'], Boxes([(4, 4, 24, 20), (10, 26, 30, 42)])),
    ('--polygon', ['4,4,24,4,4,20'], Polygons([[(4, 4), (24, 4), (4, 20)]])),
])
def test_boxes_and_polygons(option, values, masks, checkpoint, model, tmp_path, capsys):
    write_video(tmp_path / 'in.mp4', moving_squares(3), 10)
    given = [part for value in values for part in (option, value)]
    _segment(tmp_path / 'in.mp4', *given, '--model', checkpoint, '--out', tmp_path / 'out', '--size', 0, '--rle')
    wanted = VOSInferencer(model, device='cpu', size=None).stream(tmp_path / 'in.mp4', masks)
    assert _equal(read_masks(tmp_path / 'out'), [frame.mask for frame in wanted])
    printed = capsys.readouterr().out
    assert '3 masks in' in printed and 'overlay.mp4' in printed and 'masks.json' in printed


def test_several_videos(config, checkpoint, tmp_path):
    videos = [write_frames(tmp_path / name, moving_squares(2)) for name in ('bear', 'cat')]
    first = write_first_mask(tmp_path / 'first.png')
    _segment(*videos, '--mask', first, first, '--model', config, '--weights', checkpoint, '--out', tmp_path / 'out',
             '--no-overlay')
    assert _equal(read_masks(tmp_path / 'out' / 'bear'), read_masks(tmp_path / 'out' / 'cat'))
    assert not list(tmp_path.glob('out/*/overlay.mp4'))


@pytest.mark.parametrize('arguments', [
    'a.mp4 b.mp4 --mask a.png b.png --out o',
    'a.mp4 b.mp4 --mask a.png --mask b.png --out o',
    '--out o --mask a.png b.png --size 48 a.mp4 b.mp4',
    '--mask a.png a.mp4 --mask b.png b.mp4 --out o',
    '--mask a.png --mask b.png a.mp4 b.mp4 --out o',
    'a.mp4 --mask a.png --mask b.png --out o b.mp4',
])
def test_every_natural_order_of_videos_and_masks(arguments, monkeypatch):
    monkeypatch.setattr(sys, 'argv', ['segment', *arguments.split()])
    args = runpy.run_path(str(REPOSITORY / 'tools' / 'segment.py'))['parse_args']()
    assert (args.videos, args.mask, args.out) == (['a.mp4', 'b.mp4'], ['a.png', 'b.png'], 'o')


def test_videos_of_one_name_are_told_apart_by_their_folders(checkpoint, tmp_path, monkeypatch):
    """Also when one of them cannot be opened, so that the same command goes on with the others."""
    videos = [write_frames(tmp_path / name, moving_squares(2)) for name in ('bear/frames', 'cat/frames', 'dog')]
    broken = videos[1] / '00000.png'
    content = broken.read_bytes()
    broken.write_bytes(b'')
    arguments = [*videos, tmp_path / 'dogs' / 'dog.mp4', '--box', '4,4,24,20', '--model', checkpoint, '--out',
                 tmp_path / 'out', '--no-overlay']
    with pytest.raises(SystemExit, match=r'2 videos failed, 2 are done:\ncat_frames: .*\ndogs_dog: no such video: '):
        _segment(*arguments)
    assert {path.parent.name for path in tmp_path.glob('out/*/masks')} == {'bear_frames', f'{tmp_path.name}_dog'}

    broken.write_bytes(content)
    write_video(tmp_path / 'dogs' / 'dog.mp4', moving_squares(2), 10)
    segmented = []
    step = VideoStream.step
    monkeypatch.setattr(VideoStream, 'step', lambda self, *args: segmented.append(self.video) or step(self, *args))
    _segment(*arguments)
    assert segmented == ['frames', 'frames', 'dog', 'dog']
    assert len(read_masks(tmp_path / 'out' / 'cat_frames')) == len(read_masks(tmp_path / 'out' / 'dogs_dog')) == 2


def test_killed_and_started_again(checkpoint, tmp_path, monkeypatch):
    """Only the frames that are left are segmented, and all masks and the overlay are those of one run."""
    write_video(tmp_path / 'in.mp4', moving_squares(120), 10)
    first = write_first_mask(tmp_path / 'first.png')
    arguments = ['segment', *map(str, (tmp_path / 'in.mp4', '--mask', first, '--model', checkpoint, '--size', 48,
                                       '--device', 'cpu', '--out'))]
    # With another number of threads, sums may be rounded differently.
    code = (f'import sys, torch; torch.set_num_threads({torch.get_num_threads()});'
            'import vosreg.apis.result_folder as folder, vosreg.cli;'
            'folder.SECONDS_BETWEEN_SAVES = 0; folder.SAVING_SHARE = 1e9; vosreg.cli.main(sys.argv[1:])')
    environment = dict(os.environ, PYTHONPATH=str(REPOSITORY), OMP_NUM_THREADS='1')
    process = subprocess.Popen([sys.executable, '-c', code, *arguments, str(tmp_path / 'cut')], env=environment,
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    deadline = time.monotonic() + 180
    while not (tmp_path / 'cut' / 'masks' / '00009.png').exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    # What the kill cut off is a hidden file.
    written = len(list((tmp_path / 'cut' / 'masks').glob('[!.]*.png')))
    assert 10 <= written < 120 and not (tmp_path / 'cut' / 'overlay.mp4').exists()

    run_tool(*arguments, tmp_path / 'whole')
    steps = []
    step = VideoStream.step
    monkeypatch.setattr(VideoStream, 'step', lambda self, *args: steps.append(self.time + 1) or step(self, *args))
    run_tool(*arguments, tmp_path / 'cut')
    assert written - 1 <= steps[0] <= written and steps == list(range(steps[0], 120))
    assert _equal(read_masks(tmp_path / 'cut'), read_masks(tmp_path / 'whole'))
    assert len(list((tmp_path / 'cut' / 'masks').iterdir())) == 120
    assert len(list(read_video(tmp_path / 'cut' / 'overlay.mp4'))) == 120


def test_interrupted_by_hand(checkpoint, tmp_path, monkeypatch):
    def interrupt(self, *args):
        raise KeyboardInterrupt

    folder = write_frames(tmp_path / 'frames', moving_squares(2))
    monkeypatch.setattr(VideoStream, 'step', interrupt)
    with pytest.raises(SystemExit, match='interrupted; the same command goes on'):
        _segment(folder, '--box', '4,4,24,20', '--model', checkpoint, '--out', tmp_path / 'out')


def test_out_of_memory_is_one_line(checkpoint, tmp_path, monkeypatch):
    def step(self, *args):
        raise torch.OutOfMemoryError('CUDA out of memory.')

    monkeypatch.setattr(VideoStream, 'step', step)
    with pytest.raises(SystemExit, match='^error: out of memory in frame .*00000.png, .* --size'):
        _segment(write_frames(tmp_path / 'frames', moving_squares(1)), '--box', '4,4,24,20', '--model', checkpoint,
                 '--out', tmp_path / 'out')


@pytest.mark.parametrize('arguments, message', [
    (['nowhere.mp4', '--box', '1,1,9,9'], 'error: no such video: nowhere.mp4'),
    (['frames', '--box', '1,1,99,9'], r'error: frame frames/00000.png: the box of object 1, \(1.0, 1.0, 99.0, 9.0\), '
     'is empty or reaches out of the frame, which is 64x48 pixels'),
    (['frames', '--polygon', '1,1,9,9'], 'a polygon has at least 3 corners'),
    (['frames', '--mask', 'empty.png'], r'the mask of frame frames/00000.png, empty.png, shows no object'),
    (['frames', '--mask', 'large.png'], 'large.png, is 128x96 pixels, but the frame is 64x48'),
    (['frames', '--mask', 'nowhere.png'], 'no such mask or folder of masks: nowhere.png'),
    (['frames', '--box', '1,1,9,9', '--model', 'nowhere.pth'], 'no such checkpoint: nowhere.pth'),
])
def test_errors_are_one_line(arguments, message, checkpoint, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_frames(tmp_path / 'frames', moving_squares(1))
    write_mask(tmp_path / 'empty.png', np.zeros((48, 64), np.uint8))
    write_mask(tmp_path / 'large.png', np.ones((96, 128), np.uint8))
    if '--model' not in arguments:
        arguments = [*arguments, '--model', checkpoint]
    with pytest.raises(SystemExit, match=message):
        _segment(*arguments, '--out', tmp_path / 'out')
    assert not (tmp_path / 'out').exists()


@pytest.mark.parametrize('video, given, message', [
    ('nowhere.mp4', ['--box', '1,1,9,9'], 'no such video: nowhere.mp4'),
    ('nowhere', ['--mask', 'first.png'], 'no such video: nowhere'),
    ('frames/*.jpg', ['--mask', 'first.png'], 'no file matches frames/*.jpg'),
    ('frames', ['--mask', 'nowhere.png'], 'no such mask or folder of masks: nowhere.png'),
    ('0', ['--mask', 'nowhere.png'], 'no such mask or folder of masks: nowhere.png'),
])
def test_what_is_not_there_is_said_before_the_model_is_built(video, given, message, tmp_path, monkeypatch):
    """In the words of the Python interface."""
    monkeypatch.chdir(tmp_path)
    write_frames(tmp_path / 'frames', moving_squares(1))
    write_first_mask(tmp_path / 'first.png')
    built = []
    monkeypatch.setattr(inferencer, 'load_model', lambda *args: built.append(args))
    with pytest.raises(SystemExit) as error:
        _segment(video, *given, '--out', 'out')
    assert error.value.code == f'error: {message}' and not built
    with pytest.raises(FileNotFoundError) as error:
        Annotations(given[1], open_frames('frames' if video == '0' else video))
    assert str(error.value) == message


@pytest.mark.parametrize('arguments, message', [
    (['a.mp4'], 'one of the arguments --mask --box --polygon is required'),
    (['a.mp4', 'b.mp4', '--mask', 'a.png'], '2 videos have 1 masks'),
    (['--mask', 'a.png', 'b.png', 'a.mp4', 'b.mp4'], '3 videos have 1 masks'),
    (['--mask', 'a.png'], 'the following arguments are required: VIDEO'),
    (['--box', '1,2,3,4'], 'the following arguments are required: VIDEO'),
    (['a.mp4', '--mask', 'a.png', '--box', '1,2,3,4'], 'not allowed with argument'),
    (['a.mp4', '--box', '1,2,x,4'], "'1,2,x,4' is not a list of numbers"),
    (['a.mp4', '--polygon', '1,2,3'], "'1,2,3' has 3 numbers"),
])
def test_wrong_arguments(arguments, message, capsys):
    with pytest.raises(SystemExit, match='2'):
        _segment(*arguments, '--out', 'out')
    assert message in capsys.readouterr().err


def test_a_model_with_a_typo(tmp_path, monkeypatch):
    monkeypatch.setattr(zoo, 'list_models', lambda index: [zoo.ModelEntry('stcn_small', 'STCN', 'stcn_small.py')])
    with pytest.raises(SystemExit, match="error: .*no model 'stnc_small'; did you mean stcn_small"):
        _segment(tmp_path, '--box', '1,2,3,4', '--out', 'out', '--model', 'stnc_small')


def test_saving_takes_a_small_share_of_the_time(tmp_path, monkeypatch, model):
    """The more a session holds, the less often it is saved."""
    now = [0.]
    saved = []
    monkeypatch.setattr(result_folder.time, 'monotonic', lambda: now[0])

    def save(state, path):
        path.touch()
        saved.append(now[0])
        now[0] += 4

    monkeypatch.setattr(result_folder.torch, 'save', save)
    folder = result_folder.ResultFolder(tmp_path)
    for _ in range(200):
        now[0] += 1
        folder.save_session(model.stream())
    assert saved == [20, 20 + 4 + 80, 20 + 2 * 84]


def test_list_models(monkeypatch, capsys):
    result = zoo.ModelResult('VOS', 'DAVIS 2017 val', {'J&F': 62.5}, reported_by='its authors')
    models = [zoo.ModelEntry('small', 'STCN', 'small.py', 'small.pth', results=[result]),
              zoo.ModelEntry('large', 'STCN', 'large.py')]
    monkeypatch.setattr(zoo, 'list_models', lambda: models)
    monkeypatch.setattr(zoo, 'DEFAULT_MODEL', 'small')
    run_tool('list-models')
    text = 'small  (default)\n    DAVIS 2017 val: J&F 62.5  [reported by its authors]\n'
    assert capsys.readouterr().out == text + 'large  (config only, no weights)\n'
    run_tool('list-models', '--with-weights')
    assert capsys.readouterr().out == text


def test_who_reads_may_stop_early():
    """As in ``vosreg list-models | head``."""
    code = 'from vosreg.cli import main; main(["list-models"])'
    process = subprocess.Popen([sys.executable, '-c', code], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    process.stdout.close()
    assert process.stderr.read() == b''
    assert process.wait() == 1
