"""Whole videos: results as arrays and files, interruptions, damage."""
import copy
import gc
import json

import cv2
import numpy as np
import pytest
import torch
from small_video import SIZE, moving_squares, read_masks, square_mask, write_first_mask, write_frames

from vosreg.apis import Annotations, Boxes, VOSInferencer, open_frames, result_folder
from vosreg.apis.frame_sources import FrameArrays
from vosreg.apis.video_session import VideoSession
from vosreg.fileio import (
    UnreadableImageError,
    UnreadableVideoError,
    decode_mask,
    read_image,
    read_video,
    write_image,
    write_video,
)
from vosreg.models.segmentors import VideoStream
from vosreg.registry import INFERENCERS
from vosreg.visualization import overlay_mask

FRAMES = moving_squares()


def _equal(one, other) -> bool:
    return len(one) == len(other) and all((a == b).all() for a, b in zip(one, other))


def test_the_results_are_those_of_the_models_stream(inferencer, model):
    """Also with several annotated frames, of which one brings a new object."""
    given = {0: square_mask(ids=(3,)), 4: square_mask(4, ids=(3, 9))}
    stream = model.stream()
    results = list(inferencer.stream(FRAMES, given))
    for t, result in enumerate(results):
        mask = None if t not in given else torch.from_numpy(given[t])
        prob = stream.step(torch.from_numpy(FRAMES[t]).permute(2, 0, 1), mask)
        wanted = given[t] if t in given else stream.index_mask(prob, SIZE).numpy()
        assert (result.mask == wanted).all()
        assert (result.index, result.name) == (t, f'{t:05d}') and (result.image == FRAMES[t]).all()
    assert len(results) == 7 and (results[3].mask == 3).any()


def test_what_is_given_is_the_result_to_the_pixel(model):
    """Although the network sees less; an object that it cannot see at all stays known."""
    given = square_mask()
    given[30, 40] = 200
    results = list(VOSInferencer(model, device='cpu', size=32).stream(FRAMES[:2], given))
    assert (results[0].mask == given).all() and results[1].mask.shape == SIZE


def _difference(one, other) -> float:
    return np.abs(one.astype(int) - other).mean()


@pytest.mark.parametrize('size, short_side', [(None, 48), (32, 32), (64, 64)])
def test_the_short_side_that_the_network_sees(model, monkeypatch, size, short_side):
    seen = []
    step = VideoStream.step
    monkeypatch.setattr(VideoStream, 'step',
                        lambda self, frame, *args: seen.append(min(frame.shape[1:])) or step(self, frame, *args))
    list(VOSInferencer(model, device='cpu', size=size).stream(FRAMES[:2], square_mask()))
    assert seen == [short_side] * 2


@pytest.mark.parametrize('amp', [False, True])
def test_amp(model, monkeypatch, amp):
    autocast, step = [], VideoStream.step
    monkeypatch.setattr(VideoStream, 'step', lambda self, *args: (
        autocast.append(torch.is_autocast_enabled('cpu')) or step(self, *args)))
    list(VOSInferencer(model, device='cpu', size=None, amp=amp).stream(FRAMES[:2], square_mask()))
    assert autocast == [amp] * 2


def test_amp_on_a_device_without_it(model):
    """Which is known before a frame is read; the same device without it is taken."""
    without_data = copy.deepcopy(model).to('meta')
    with pytest.raises(ValueError, match=r"no half precision \(--amp, amp=True\) on the device 'meta'; leave"):
        VOSInferencer(without_data, device='meta', amp=True)
    assert not VOSInferencer(without_data, device='meta').amp


def test_mem_every(model, monkeypatch):
    memorized = []
    memorize = type(model).memorize
    monkeypatch.setattr(type(model), 'memorize', lambda self, *args, **options: (
        memorized.append(args[4]) or memorize(self, *args, **options)))
    list(VOSInferencer(model, device='cpu', size=None, mem_every=3).stream(FRAMES, square_mask()))
    assert memorized == [0, 3, 6]


def test_memory_is_bounded_and_the_same_until_then(model):
    frames = moving_squares(40)
    results, sizes = {}, {}
    for memory_frames in (None, 4):
        source = open_frames(frames)
        session = VideoSession(model, source, Annotations(square_mask(), source), memory_frames=memory_frames)
        results[memory_frames] = [frame.mask for frame in session]
        sizes[memory_frames] = len(session._stream.memory.elements)
    locations = 6 * 8
    # Of 40 frames every second one; or the first, up to 3 others and the prototypes, here as many as there are.
    assert sizes == {None: 20 * locations, 4: sizes[4]} and sizes[4] <= 4 * locations + 10000
    assert _equal(results[None][:6], results[4][:6]) and not _equal(results[None], results[4])


def test_files(inferencer, tmp_path):
    write_video(tmp_path / 'in.mp4', FRAMES, 10)
    first = write_first_mask(tmp_path / 'first.png')
    result = inferencer(tmp_path / 'in.mp4', first, tmp_path / 'out', run_lengths=True)
    assert (result.num_frames, result.masks) == (7, tmp_path / 'out' / 'masks')
    frames = list(read_video(tmp_path / 'in.mp4'))
    wanted = [frame.mask for frame in inferencer.stream(frames, square_mask())]
    masks = read_masks(tmp_path / 'out')
    assert _equal(masks, wanted) and {int(mask.max()) for mask in masks} == {2}

    drawings = list(read_video(result.overlay))
    for drawing, image, mask in zip(drawings, frames, masks):
        assert _difference(drawing, overlay_mask(image, mask)) < 0.5 * _difference(drawing, image)

    content = json.loads(result.run_lengths.read_text())
    assert [image['file_name'] for image in content['images']] == [f'{t:05d}' for t in range(7)]
    redrawn = np.zeros((7, *SIZE), np.uint8)
    for annotation in content['annotations']:
        pixels = decode_mask(annotation['segmentation'])
        redrawn[annotation['image_id']][pixels] = annotation['track_id']
        left, top, width, height = annotation['bbox']
        assert pixels.sum() == annotation['area'] == pixels[top:top + height, left:left + width].sum()
    assert _equal(redrawn, masks)
    assert len({annotation['id'] for annotation in content['annotations']}) == len(content['annotations'])


def test_the_registry_builds_it(config, checkpoint):
    built = INFERENCERS.build(dict(type='VOSInferencer', model=str(config), weights=str(checkpoint), device='cpu'))
    assert isinstance(built, VOSInferencer) and built.size == 480


class _Stop(Exception):
    """Stands for whatever ends the process."""


@pytest.mark.parametrize('stop', [0, 1, 4, 6])
@pytest.mark.parametrize('saves_after', [0, 1000])
def test_an_interrupted_video_goes_on_with_the_same_masks(inferencer, model, tmp_path, monkeypatch, stop, saves_after):
    """With a saved session only the frames that are left are segmented, without one all are."""
    monkeypatch.setattr(result_folder, 'SECONDS_BETWEEN_SAVES', saves_after)
    monkeypatch.setattr(result_folder, 'SAVING_SHARE', 1e9)
    write_video(tmp_path / 'in.mp4', FRAMES, 10)
    masks = {0: square_mask(ids=(1,)), 5: square_mask(5)}
    inferencer(tmp_path / 'in.mp4', masks, tmp_path / 'whole')

    steps = []
    step = VideoStream.step

    def counted_step(self, *args):
        steps.append(self.time + 1)
        if steps == list(range(stop + 1)):
            raise _Stop
        return step(self, *args)

    monkeypatch.setattr(VideoStream, 'step', counted_step)
    with pytest.raises(_Stop):
        inferencer(tmp_path / 'in.mp4', masks, tmp_path / 'cut')
    assert len(list(tmp_path.glob('cut/masks/*.png'))) == stop and not (tmp_path / 'cut/overlay.mp4').exists()
    steps.clear()
    steps.append(-1)
    # To overwrite means the results of other inputs.
    result = inferencer(tmp_path / 'in.mp4', masks, tmp_path / 'cut', overwrite=True)
    assert steps[1:] == list(range(stop if saves_after == 0 else 0, 7))
    assert _equal(read_masks(tmp_path / 'cut'), read_masks(tmp_path / 'whole'))
    assert result.overlay.read_bytes() == (tmp_path / 'whole' / 'overlay.mp4').read_bytes()
    assert not (tmp_path / 'cut' / 'session.pth').exists()


def test_a_session_that_cannot_be_read_begins_anew(inferencer, tmp_path):
    inferencer(FRAMES[:3], square_mask(), tmp_path / 'whole')
    folder = inferencer(FRAMES[:3], square_mask(), tmp_path / 'cut').masks.parent
    inputs = json.loads((folder / 'inputs.json').read_text())
    del inputs['num_frames']
    (folder / 'inputs.json').write_text(json.dumps(inputs))
    (folder / 'session.pth').touch()
    (folder / 'masks' / '00001.png').write_bytes(b'')
    inferencer(FRAMES[:3], square_mask(), folder)
    assert _equal(read_masks(folder), read_masks(tmp_path / 'whole'))


def test_a_video_that_breaks_off_keeps_what_was_done(inferencer, tmp_path):
    path = tmp_path / 'in.mp4'
    noise = np.random.default_rng(0).integers(0, 256, (12, *SIZE, 3), np.uint8)
    write_video(path, noise, 24)
    path.write_bytes(path.read_bytes()[:path.stat().st_size * 2 // 3])
    with pytest.raises(UnreadableVideoError, match=r'in.mp4 after (\d) frames: .* The results of the \1 frames before '
                                                   r'are in .*out'):
        inferencer(path, square_mask(), tmp_path / 'out')
    masks = read_masks(tmp_path / 'out')
    assert 3 < len(masks) < 10 and len(list(read_video(tmp_path / 'out' / 'overlay.mp4'))) == len(masks)


def test_a_damaged_frame_keeps_what_was_done(inferencer, tmp_path):
    folder = write_frames(tmp_path / 'frames')
    (folder / '00003.png').write_bytes(b'no image')
    with pytest.raises(UnreadableImageError, match=r'frames/00003.png.* The results of the 3 frames before are in'):
        inferencer(folder, square_mask(), tmp_path / 'out', overlay=False, run_lengths=True)
    assert len(json.loads((tmp_path / 'out' / 'masks.json').read_text())['images']) == 3


class _BrokenOnce(FrameArrays):
    """Frames of which one can be read at the second attempt only."""
    num_failures = 1

    def read(self, start=0):
        for t, frame in enumerate(super().read(start), start):
            if t == 4 and self.num_failures:
                self.num_failures = 0
                raise UnreadableVideoError('broken')
            yield frame


def test_a_video_that_broke_off_only_once_has_a_whole_overlay(inferencer, tmp_path, monkeypatch):
    source = _BrokenOnce(FRAMES)
    monkeypatch.setattr(source, 'fingerprint', lambda: 'the same')
    with pytest.raises(UnreadableVideoError, match='4 frames before'):
        inferencer(source, square_mask(), tmp_path, run_lengths=True)
    result = inferencer(source, square_mask(), tmp_path, run_lengths=True)
    assert len(list(read_video(result.overlay))) == 7
    assert len(json.loads(result.run_lengths.read_text())['images']) == 7


def test_a_mask_after_the_end_is_told(inferencer):
    source = FrameArrays(FRAMES)
    source.num_frames = None
    results = inferencer.stream(source, {0: square_mask(), 7: square_mask()})
    assert len([next(results) for _ in FRAMES]) == 7
    with pytest.raises(ValueError, match='a mask is given for the frame 7, but the video video ends after 7 frames'):
        next(results)


def test_frames_of_differing_sizes(inferencer, tmp_path):
    folder = write_frames(tmp_path / 'frames', FRAMES[:3])
    write_image(folder / '00001.png', FRAMES[1].repeat(2, 0).repeat(2, 1))
    with pytest.raises(ValueError, match=r'frame .*frames/00001.png is 128x96 pixels, but the video began with 64x48; '
                                         r'.*--resize'):
        inferencer(folder, square_mask(), tmp_path / 'out')
    result = inferencer(folder, square_mask(), tmp_path / 'resized', resize=True)
    assert [mask.shape for mask in read_masks(tmp_path / 'resized')] == [SIZE, (96, 128), SIZE]
    assert [frame.shape for frame in read_video(result.overlay)] == [(*SIZE, 3)] * 3


def test_wrong_masks_are_told_before_the_first_frame(inferencer, tmp_path):
    masks = {0: square_mask(), 6: np.zeros(SIZE, np.uint8)}
    with pytest.raises(ValueError, match='the mask of frame 6 of .* shows no object'):
        inferencer(FRAMES, masks, tmp_path / 'out')
    assert not (tmp_path / 'out').exists()
    with pytest.raises(ValueError, match='frame 6'):
        inferencer.stream(FRAMES, masks)


def test_live_frames_are_kept_and_end_with_ctrl_c(inferencer, tmp_path):
    def camera():
        yield from FRAMES[:4]
        raise KeyboardInterrupt

    result = inferencer(camera(), Boxes([(4, 4, 24, 20)]), tmp_path / 'out')
    assert result.num_frames == len(list(read_video(result.overlay))) == 4
    kept = read_image(tmp_path / 'out' / 'frames' / '00002.jpg')
    assert _difference(kept, FRAMES[2]) < 5
    with pytest.raises(ValueError, match='video: live since'):
        inferencer(camera(), Boxes([(4, 4, 24, 20)]), tmp_path / 'out')
    assert inferencer(camera(), Boxes([(4, 4, 24, 20)]), tmp_path / 'out', overwrite=True).num_frames == 4


@pytest.mark.parametrize('overlay', [False, True])
def test_a_live_video_without_frames(inferencer, tmp_path, overlay):
    with pytest.raises(ValueError, match='the video video has no frames'):
        inferencer(iter([]), square_mask(), tmp_path / 'out', overlay=overlay)
    with pytest.raises(ValueError, match='the video video has no frames'):
        list(inferencer.stream(iter([]), square_mask()))


def test_a_camera_is_released_when_the_loop_over_it_ends(inferencer, monkeypatch):
    """At once, not when the garbage collector comes: the next call opens it again."""
    free = {0}

    class _Camera:
        def __init__(self, index):
            self.index, self.opened = index, index in free
            free.discard(index)

        def isOpened(self):
            return self.opened

        def get(self, property_id):
            return 25.

        def read(self):
            return True, FRAMES[0]

        def release(self):
            free.add(self.index)

    monkeypatch.setattr(cv2, 'VideoCapture', _Camera)
    gc.disable()
    try:
        for _ in range(2):
            for _ in inferencer.stream(0, square_mask()):
                break
    finally:
        gc.enable()


def test_a_stream_holds_no_frames(inferencer):
    """Frames of a generator are pulled one at a time."""
    pulled = []
    stream = inferencer.stream((pulled.append(t) or frame for t, frame in enumerate(FRAMES)), square_mask())
    for t, _ in zip(range(3), stream):
        assert pulled == list(range(t + 1))


def test_a_mask_that_a_stream_never_reaches_is_a_warning(inferencer):
    masks = {0: square_mask(), 9: square_mask()}
    with pytest.warns(UserWarning, match='a mask is given for the frame 9, but the video .* ends after 2 frames'):
        assert len(list(inferencer.stream(iter(FRAMES[:2]), masks))) == 2


def test_batch_goes_on_after_a_failure(inferencer, tmp_path):
    write_frames(tmp_path / 'bear', FRAMES[:2])
    write_frames(tmp_path / 'cat', FRAMES[2:4])
    videos = [(tmp_path / 'bear', square_mask()), (tmp_path / 'cat', square_mask(2))]
    results = inferencer.batch(videos, tmp_path / 'out', overlay=False)
    assert list(results) == ['bear', 'cat'] and len(read_masks(tmp_path / 'out' / 'cat')) == 2
    with pytest.raises(ValueError, match='several videos are named bear'):
        inferencer.batch(videos + videos[:1], tmp_path / 'out')
    named = dict(a=(tmp_path / 'nowhere.mp4', square_mask()), b=videos[1], c=(FRAMES, np.zeros(SIZE, np.uint8)))
    with pytest.raises(ValueError, match=r'2 videos failed, 1 are done:\na: no such video: .*nowhere.mp4\nc: the mask '
                                         'of frame 0'):
        inferencer.batch(named, tmp_path / 'new')
    assert len(read_masks(tmp_path / 'new' / 'b')) == 2
    with pytest.raises(ValueError, match='nowhere: no such video: .*nowhere.mp4'):
        inferencer.batch([*videos, named['a']], tmp_path / 'out')


def _out_of_memory(video: str, error: Exception):
    """A step that fails in the second frame of a video."""
    step = VideoStream.step

    def limited_step(self, *args):
        if self.video == video and self.time == 0:
            raise error
        return step(self, *args)

    return limited_step


@pytest.mark.parametrize('error', [
    torch.OutOfMemoryError('Tried to allocate 2.00 GiB.\nAnd so on'), MemoryError('Tried to allocate'),
    RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: you Tried to allocate"),
])
def test_out_of_memory_names_the_frame_and_what_helps(inferencer, tmp_path, monkeypatch, error):
    monkeypatch.setattr(VideoStream, 'step', _out_of_memory('bear', error))
    folder = write_frames(tmp_path / 'bear', FRAMES[:2])
    message = (r'out of memory in frame .*bear/00001.png, with 2 objects\..* --size .* --memory-frames .* '
               r'object_chunk=1 .* Tried to allocate[^\n]*$')
    with pytest.raises(torch.OutOfMemoryError, match=message):
        inferencer(folder, square_mask(), tmp_path / 'out')
    assert len(read_masks(tmp_path / 'out')) == 1


def test_another_error_is_not_taken_for_out_of_memory(inferencer, monkeypatch):
    monkeypatch.setattr(VideoStream, 'step', _out_of_memory('video', RuntimeError('something else')))
    with pytest.raises(RuntimeError, match='^something else$'):
        list(inferencer.stream(FRAMES[:2], square_mask()))


def test_batch_goes_on_after_a_video_that_is_too_large_for_the_gpu(inferencer, tmp_path, monkeypatch):
    monkeypatch.setattr(VideoStream, 'step', _out_of_memory('large', torch.OutOfMemoryError('too large')))
    videos = [(write_frames(tmp_path / name, FRAMES[:2]), square_mask()) for name in ('large', 'small')]
    with pytest.raises(ValueError, match='1 videos failed, 1 are done:\nlarge: out of memory in frame'):
        inferencer.batch(videos, tmp_path / 'out')
    assert len(read_masks(tmp_path / 'out' / 'small')) == 2


@pytest.mark.parametrize('options, message', [
    (dict(size=8), 'size is 8; it must be at least 32'),
    (dict(mem_every=0), 'mem_every is 0'),
    (dict(device='cuda:77'), "device 'cuda:77' cannot be used"),
])
def test_refused_options(model, options, message):
    with pytest.raises(ValueError, match=message):
        VOSInferencer(model, **options)
