"""What lies in the folder of a video: made once, never mixed, and nothing else is touched."""
import errno
from copy import deepcopy

import pytest
import torch
from filelock import FileLock
from small_video import moving_squares, read_masks, square_mask, write_frames

from vosreg.apis import ResultFolder, VOSInferencer, result_folder
from vosreg.fileio import read_video, write_video
from vosreg.models.segmentors import VideoStream

FRAMES = moving_squares()


def test_what_is_complete_is_left_alone_but_for_what_is_missing(inferencer, tmp_path, monkeypatch):
    folder = write_frames(tmp_path / 'frames')
    inferencer(folder, square_mask(), tmp_path / 'out', overlay=False)
    monkeypatch.setattr(VideoStream, 'step', None)
    result = inferencer(folder, square_mask(), tmp_path / 'out', run_lengths=True)
    assert result.num_frames == len(list(read_video(result.overlay))) == 7 and result.run_lengths.is_file()


def test_results_of_other_inputs_are_not_mixed(inferencer, model, tmp_path):
    folder, out = write_frames(tmp_path / 'frames'), tmp_path / 'out'
    inferencer(folder, square_mask(), out)
    with pytest.raises(ValueError, match=r'out holds the results of other inputs \(masks: 1 masks, .* there, 1 masks, '
                                         r'.* now\); .*--overwrite'):
        inferencer(folder, square_mask(1), out)
    with pytest.raises(ValueError, match=r'\(video: 7 images, .* there, 7 arrays, .*\)'):
        inferencer(FRAMES, square_mask(), out)
    with pytest.raises(ValueError, match=r'\(settings: size=None.* there, size=32.*\)'):
        VOSInferencer(model, device='cpu', size=32, show_progress=False)(folder, square_mask(), out)
    result = inferencer(folder, square_mask(1, ids=(5,)), out, overwrite=True)
    assert {mask.max() for mask in read_masks(out)} == {5} and result.overlay.is_file()
    (out / 'inputs.json').unlink()
    with pytest.raises(ValueError, match='out/masks is of unknown origin'):
        inferencer(folder, square_mask(), out, overwrite=True)
    assert len(read_masks(out)) == 7


def test_overwriting_removes_results_only(inferencer, tmp_path):
    """Not the frames beside them, nor what the new results are made from."""
    frames, first = write_frames(tmp_path / 'frames', FRAMES[:2]), tmp_path / 'masks' / '00000.png'
    inferencer(frames, square_mask(), tmp_path)
    inferencer(frames, square_mask(ids=(5,)), tmp_path, overwrite=True)
    assert first.is_file() and len(list(frames.iterdir())) == 2
    with pytest.raises(ValueError, match='masks/00000.png lies where the results of .* go; choose another folder'):
        inferencer(FRAMES, first, tmp_path, overwrite=True)
    assert first.is_file()

    write_video(tmp_path / 'own' / 'overlay.mp4', FRAMES[:1], 24)
    with pytest.raises(ValueError, match='own/overlay.mp4 lies where the results'):
        inferencer(tmp_path / 'own' / 'overlay.mp4', square_mask(), tmp_path / 'own')
    with pytest.raises(ValueError, match='own/overlay.mp4 is of unknown origin'):
        inferencer(FRAMES, square_mask(), tmp_path / 'own', overwrite=True)

    inferencer(iter(FRAMES[:2]), square_mask(), tmp_path / 'camera')
    with pytest.raises(ValueError, match='camera/frames/00000.jpg lies where the results'):
        inferencer(tmp_path / 'camera/frames', square_mask(), tmp_path / 'camera', overwrite=True)
    inferencer(FRAMES[:1], square_mask(), tmp_path / 'camera', overwrite=True)
    assert not (tmp_path / 'camera/frames').exists()


def test_what_somebody_removed_is_made_again(inferencer, tmp_path, monkeypatch):
    inferencer(FRAMES, square_mask(), tmp_path / 'whole')
    (tmp_path / 'whole/masks/00005.png').unlink()
    result = inferencer(FRAMES, square_mask(), tmp_path / 'whole', run_lengths=True)
    assert len(read_masks(tmp_path / 'whole')) == result.num_frames == 7

    monkeypatch.setattr(result_folder, 'SECONDS_BETWEEN_SAVES', 0)
    monkeypatch.setattr(result_folder, 'SAVING_SHARE', 1e9)
    step = VideoStream.step

    def stopped_step(self, *args):
        if self.time == 4:
            raise RuntimeError('stopped')
        return step(self, *args)

    with monkeypatch.context() as patch, pytest.raises(RuntimeError, match='stopped'):
        patch.setattr(VideoStream, 'step', stopped_step)
        inferencer(FRAMES, square_mask(), tmp_path / 'cut')
    assert (tmp_path / 'cut/session.pth').is_file()
    (tmp_path / 'cut/masks/00001.png').unlink()
    inferencer(FRAMES, square_mask(), tmp_path / 'cut')
    for mask, wanted in zip(read_masks(tmp_path / 'cut'), read_masks(tmp_path / 'whole'), strict=True):
        assert (mask == wanted).all()


@pytest.mark.parametrize('content', ['', '[1]', '{"video": {"id": 1}}'])
def test_damaged_inputs_are_named(inferencer, tmp_path, content):
    (tmp_path / 'inputs.json').write_text(content)
    for overwrite in (False, True):
        with pytest.raises(ValueError, match=r'inputs\.json does not tell what the results there were made from'):
            inferencer(FRAMES[:1], square_mask(), tmp_path, overwrite=overwrite)


def test_two_do_not_write_at_the_same_time(inferencer, tmp_path):
    """The second one would remove what the first one is writing, and either could replace the masks of the other."""
    def frames():
        yield FRAMES[0]
        with pytest.raises(ValueError, match='another process or thread writes its results to .*out now'):
            inferencer(FRAMES[:2], square_mask(), tmp_path / 'out', overwrite=True)
        yield FRAMES[1]

    assert inferencer(frames(), square_mask(), tmp_path / 'out').num_frames == 2
    assert inferencer(FRAMES[:3], square_mask(), tmp_path / 'out', overwrite=True).num_frames == 3


def test_complete_results_are_read_where_nothing_can_be_written(inferencer, tmp_path, monkeypatch):
    def refuse(self, **options):
        raise OSError(errno.EROFS, 'Read-only file system')

    inferencer(FRAMES[:1], square_mask(), tmp_path)
    monkeypatch.setattr(FileLock, 'acquire', refuse)
    assert inferencer(FRAMES[:1], square_mask(), tmp_path).num_frames == 1


def test_a_disk_that_is_full_when_the_session_is_saved(inferencer, tmp_path, monkeypatch):
    def fail(*args):
        raise RuntimeError('unexpected pos 704 vs 598')

    monkeypatch.setattr(result_folder, 'SECONDS_BETWEEN_SAVES', 0)
    monkeypatch.setattr(torch, 'save', fail)
    with pytest.raises(OSError, match=r'cannot write .*session\.pth: unexpected pos'):
        inferencer(FRAMES[:2], square_mask(), tmp_path)


def test_hidden_files_stay_but_for_those_of_a_killed_process(tmp_path):
    (tmp_path / '.git').mkdir()
    own, abandoned = ['.gitignore', '.overlay-mine.mp4'], ['.overlay-a1_b2c3d.mp4', 'masks/.00003-abcdefgh.png']
    for name in own:
        (tmp_path / name).touch()
    folder = ResultFolder(tmp_path)
    folder.claim({})
    folder.masks.mkdir()
    for name in abandoned:
        (tmp_path / name).touch()
    folder.complete(0)
    assert {path.name for path in tmp_path.rglob('.*')} == {'.git', *own}


def _change_weight(model):
    next(model.head.parameters()).data.add_(0.25)


def _change_normalisation(model):
    model.data_preprocessor.std.mul_(2)


def _change_layer(model):
    layer = next(layer for layer in model.modules() if isinstance(layer, torch.nn.BatchNorm2d))
    layer.eps *= 100


def _change_setting(model):
    model.test_memory = dict(model.test_memory, top_k=7)


@pytest.mark.parametrize('change', [_change_weight, _change_normalisation, _change_layer, _change_setting])
def test_another_model_is_another_input(inferencer, model, tmp_path, change):
    inferencer(FRAMES[:2], square_mask(), tmp_path / 'out')
    inferencer.model = deepcopy(model)
    inferencer(FRAMES[:2], square_mask(), tmp_path / 'out')
    change(inferencer.model)
    with pytest.raises(ValueError, match=r'\(model: '):
        inferencer(FRAMES[:2], square_mask(), tmp_path / 'out')


def test_a_file_in_the_place_of_the_folder_is_refused(tmp_path):
    (tmp_path / 'out').touch()
    with pytest.raises(ValueError, match='out is a file; the results go into a folder'):
        ResultFolder(tmp_path / 'out').claim({})
