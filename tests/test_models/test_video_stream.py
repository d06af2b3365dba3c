"""The session of a running video: masks in any form, objects that come and go, saving and continuing, bad input."""
import re

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from PIL import Image
from small_xmem import build_xmem, xmem_config

SIZE = (48, 64)
LONG_TERM = dict(max_working_frames=4, min_working_frames=2, num_prototypes=32, max_long_term_elements=96)
BOXES = {3: (slice(4, 20), slice(4, 24)), 7: (slice(24, 44), slice(30, 60)), 9: (slice(2, 12), slice(36, 50))}


@pytest.fixture(scope='module')
def xmem():
    return build_xmem(test_memory=LONG_TERM, test_cfg=dict(mem_every=2)).eval()


@pytest.fixture(scope='module')
def stcn():
    return build_xmem('_base_/models/stcn_efficientnet_lite0.py', sensory_channels=0,
                      test_cfg=dict(mem_every=2, include_last=True)).eval()


def frame(t, size=SIZE):
    return torch.from_numpy(np.random.default_rng(t).integers(0, 256, (3, *size), dtype=np.uint8))


def index_mask(*ids, size=SIZE):
    mask = torch.zeros(size, dtype=torch.uint8)
    for i in ids:
        mask[BOXES[i]] = i
    return mask


def masks_of(*ids):
    return torch.stack([index_mask(i) == i for i in ids])


def track(stream, times, given=None):
    """Probabilities of some frames, of which some have an index mask."""
    return [stream.step(frame(t), (given or {}).get(t)) for t in times]


FORMS = {
    'index, long': (index_mask(3, 7).long(), None),
    'index, NumPy': (index_mask(3, 7).numpy(), None),
    'index, 16 bits': (index_mask(3, 7).numpy().astype(np.uint16), None),
    'index with ids': (index_mask(3, 7), [3, 7]),
    'bool': (masks_of(3, 7), [3, 7]),
    'one-hot': (masks_of(3, 7).to(torch.uint8), (3, 7)),
    'probabilities': (masks_of(3, 7).float(), [3, 7]),
}


@pytest.mark.parametrize('form', FORMS)
def test_accepted_forms(xmem, form):
    expected, stream = xmem.stream(), xmem.stream()
    wanted = [expected.step(frame(0), index_mask(3, 7)), expected.step(frame(1))]
    masks, ids = FORMS[form]
    assert torch.equal(stream.step(frame(0), masks, ids), wanted[0])
    assert torch.equal(stream.step(frame(1)), wanted[1])
    assert stream.object_ids == [3, 7]


def test_nothing_is_said_of_void_pixels(xmem):
    """As of background, in a first mask and in a correction."""
    with_void = index_mask(3, 7)
    with_void[:, 60:], with_void[40:44, 30:60] = 255, 255
    without, streams = torch.where(with_void == 255, 0, with_void), [xmem.stream(), xmem.stream()]
    for t in range(3):
        masks = (without, with_void) if t != 1 else (None, None)
        one, other = (stream.step(frame(t), mask) for stream, mask in zip(streams, masks))
        assert torch.equal(one, other)
    assert streams[1].object_ids == [3, 7]


@pytest.mark.parametrize('dtype', [torch.bool, torch.float32])
def test_mask_of_one_object(xmem, dtype):
    stream = xmem.stream()
    prob = stream.step(frame(0), (index_mask(7) > 0).to(dtype), [7])
    assert torch.equal(stream.index_mask(prob, SIZE), index_mask(7))


def test_soft_masks_stay_soft(xmem):
    prob = xmem.stream().step(frame(0), torch.full((1, *SIZE), 0.75), [5])
    # The odds of the object against the background, 3 and 1 / 3, are their scores' exponentials.
    torch.testing.assert_close(prob[1], torch.full(SIZE, 0.9))


def test_normalised_frames(xmem):
    one, other = xmem.stream(), xmem.stream()
    for t in range(2):
        mask = index_mask(3) if t == 0 else None
        assert torch.equal(one.step(frame(t), mask), other.step(xmem.data_preprocessor.normalise(frame(t)), mask))


@pytest.mark.parametrize('masks, ids, message', [
    (torch.zeros(*SIZE, 3), [1, 2, 3], r'are 48, but there are 3 object_ids; masks stand along the first axis'),
    (masks_of(3, 7), None, r'masks of the form bool \[2, 48, 64\] need object_ids'),
    (masks_of(3, 7), [3], r'are 2, but there are 1 object_ids'),
    (index_mask(3) > 0, None, r'bool \[1, 48, 64\] need object_ids'),
    (255 * masks_of(3).float(), [3], r'float32 \[1, 48, 64\] must lie in \[0, 1\], but reach from 0 to 255'),
    (masks_of(3).float() * float('nan'), [3], r'must lie in \[0, 1\]'),
    (7 * masks_of(7).long(), [7], r'int64 \[1, 48, 64\] must lie in \[0, 1\], but reach from 0 to 7'),
    (index_mask(3).float() * 2, [3], r'float32 \[1, 48, 64\] must lie'),
    (torch.zeros(1, 1, *SIZE), [3], r'masks are an index mask \[H, W\].* not float32 \[1, 1, 48, 64\]'),
    (torch.zeros(SIZE, dtype=torch.complex64), [3], r'not complex64'),
    (index_mask(3).long() + 300, None, r'object ids lie between 1 and 254, but \[300, 303\]'),
    (masks_of(3, 7), [3, 3], r'object_ids=\[3, 3\] name one twice'),
    (masks_of(3, 7), [0, 3], r'between 1 and 254, but \[0\]'),
    (masks_of(3, 7), [3, 255], r'between 1 and 254, but \[255\]'),
    (255 * masks_of(3)[0].long(), None, r'shows no object, only 255, which is void; give .* mask > 0, with the id'),
    (255 * masks_of(3)[0].long(), [3], r'shows no object, only 255'),
    (index_mask(3, 7), [3], r'holds the ids \[7\], which are not among object_ids=\[3\]'),
    (None, [3], r'object_ids=\[3\] come without masks'),
    (torch.zeros(10, 64, dtype=torch.uint8), None, r'the mask is \(10, 64\), but the image is \(48, 64\)'),
])
def test_refused_masks(xmem, masks, ids, message):
    stream = xmem.stream('street')
    with pytest.raises(ValueError, match='frame 0 of video street: .*' + message):
        stream.step(frame(0), masks, ids)
    # Nothing has happened.
    assert stream.time == -1 and not stream.object_ids
    assert stream.step(frame(0), index_mask(3)).shape == (2, *SIZE)


def test_nothing_is_made_on_another_device_than_the_frames(xmem):
    """On a GPU, what is made without saying where is on the CPU; here it is where no tensor has data."""
    given = {0: index_mask(3, 7), 5: index_mask(9)}

    def masks(device):
        stream, results = xmem.stream(), []
        for t in range(12):
            # Given masks may come from anywhere.
            with torch.device('cpu' if t in given else device):
                if t == 9:
                    stream.remove_objects([3])
                results.append(stream.index_mask(stream.step(frame(t), given.get(t)), SIZE))
        return torch.stack(results)

    assert torch.equal(masks('meta'), masks('cpu'))


def test_a_mask_of_objects_that_have_been_removed(xmem):
    stream = xmem.stream('street')
    prob = stream.step(frame(0), index_mask(3, 7))
    assert torch.equal(stream.index_mask(prob, SIZE), index_mask(3, 7))
    stream.remove_objects([3])
    with pytest.raises(ValueError, match=r'video street: .* of 2 objects, but there are now 1, \[7\]; make the mask'):
        stream.index_mask(prob, SIZE)
    assert set(stream.index_mask(stream.step(frame(1)), SIZE).unique().tolist()) <= {0, 7}


def test_masks_before_any_frame(xmem):
    with pytest.raises(ValueError, match='masks come together with the frame that they are of'):
        xmem.stream().step(None, index_mask(3))


def test_frames_of_another_form(xmem):
    with pytest.raises(ValueError, match=re.escape('a frame is [3, H, W], not [48, 64, 3]')):
        xmem.stream().step(torch.zeros(*SIZE, 3))
    with pytest.raises(ValueError, match='a frame is uint8, or float if it is normalised, not torch.int32'):
        xmem.stream().step(frame(0).int())


@pytest.mark.parametrize('dtype', [torch.float64, torch.float16])
def test_normalised_frames_of_every_precision(xmem, dtype):
    """NumPy computes in float64."""
    normalised = xmem.data_preprocessor.normalise(frame(0)).to(dtype)
    assert torch.equal(xmem.stream().step(normalised, index_mask(3)), xmem.stream().step(normalised.float(),
                                                                                        index_mask(3)))


def test_id_in_use_is_a_correction(xmem):
    stream = xmem.stream()
    track(stream, range(3), {0: index_mask(3, 7)})
    moved = torch.zeros(SIZE, dtype=torch.uint8)
    moved[30:40, 5:15] = 3
    prob = stream.step(frame(3), moved)
    assert stream.object_ids == [3, 7] and stream.memory.num_objects == 2
    result = stream.index_mask(prob, SIZE)
    assert torch.equal(result == 3, moved == 3)


def test_object_that_is_told_to_be_invisible(xmem):
    stream = xmem.stream()
    track(stream, range(2), {0: index_mask(3, 7)})
    result = stream.index_mask(stream.step(frame(2), index_mask(7), [3, 7]), SIZE)
    assert torch.equal(result, index_mask(7))


def test_objects_come_and_go(xmem):
    stream = xmem.stream()
    shapes = [len(prob) for prob in track(stream, range(6), {0: index_mask(3), 2: index_mask(7, 9)})]
    assert shapes == [2, 2, 4, 4, 4, 4]
    before = stream.memory.read(xmem.encode(xmem.data_preprocessor.normalise(frame(6))[None]))
    stream.remove_objects([7])
    assert stream.object_ids == [3, 9]
    after = stream.memory.read(xmem.encode(xmem.data_preprocessor.normalise(frame(6))[None]))
    torch.testing.assert_close(after, before[:, [0, 2]])
    assert set(stream.index_mask(stream.step(frame(6)), SIZE).unique().tolist()) <= {0, 3, 9}
    prob = stream.step(frame(7), index_mask(7))
    assert stream.object_ids == [3, 9, 7] and len(prob) == 4
    track(stream, range(8, 20))
    stream.remove_objects([3, 7, 9])
    assert torch.equal(stream.step(frame(20)), torch.ones(1, *SIZE))
    assert len(stream.step(frame(21), index_mask(9))) == 2


def test_removing_an_id_that_was_never_introduced(xmem):
    stream = xmem.stream('street')
    track(stream, range(2), {0: index_mask(3)})
    with pytest.raises(ValueError, match=r'video street has no objects \[4\] to remove, only \[3\]'):
        stream.remove_objects([3, 4])
    assert stream.object_ids == [3]


def test_frame_of_another_size(xmem):
    stream = xmem.stream('street')
    track(stream, range(2), {0: index_mask(3)})
    with pytest.raises(ValueError, match=r'frame 2 of video street: the frame is \(32, 40\), but the video began with '
                                         r'\(48, 64\); stream\(resize=True\) resizes'):
        stream.step(frame(2, (32, 40)))
    assert len(stream.step(frame(2))) == 2


def test_frame_of_another_size_is_resized_when_asked(xmem):
    stream = xmem.stream(resize=True)
    track(stream, range(2), {0: index_mask(3)})
    assert stream.step(frame(2, (32, 40))).shape == (2, 32, 40)
    mask = torch.zeros(96, 128, dtype=torch.uint8)
    mask[20:60, 30:70] = 7
    prob = stream.step(frame(3, (96, 128)), mask)
    result = stream.index_mask(prob, (96, 128))
    assert prob.shape == (3, 96, 128)
    assert ((result == 7) == (mask == 7)).float().mean() > 0.98
    assert stream.step(frame(4)).shape == (3, *SIZE)


def test_nothing_follows_the_last_frame(xmem):
    stream = xmem.stream()
    stream.step(frame(0), index_mask(3), is_last=True)
    with pytest.raises(ValueError, match='was said to be the last one'):
        stream.step(frame(1))
    stream.reset()
    assert stream.step(frame(0), index_mask(7)).shape == (2, *SIZE) and stream.object_ids == [7]


@pytest.mark.parametrize('network', ['xmem', 'stcn'])
def test_reset_begins_another_video(network, request):
    model = request.getfixturevalue(network)
    used, fresh = model.stream(), model.stream()
    track(used, range(7), {0: index_mask(3), 3: index_mask(7)})
    used.reset()
    results = [torch.stack(track(stream, range(10, 17), {10: index_mask(9)})) for stream in (used, fresh)]
    assert torch.equal(*results)


def test_annotated_frames_are_a_permanent_memory(xmem):
    stream = xmem.stream()
    track(stream, range(30), {0: index_mask(3), 5: index_mask(3), 11: index_mask(3)})
    working = stream.memory.elements['place'][~stream.memory.is_prototype][:, 0].unique().tolist()
    assert set(working) >= {0, 5, 11} and len(working) <= 3 + 3
    assert int(stream.memory.is_prototype.sum()) <= 96


@pytest.mark.parametrize('cut', [2, 3, 9, 16])
@pytest.mark.parametrize('network', ['xmem', 'stcn'])
def test_a_continued_session_gives_the_same(network, cut, request, tmp_path):
    """As if in another process: saved to a file that is loaded without running code."""
    model = request.getfixturevalue(network)
    given = {0: index_mask(3), 2: index_mask(7, 9), 11: index_mask(3)}
    whole = track(model.stream(), range(20), given)
    stream = model.stream('street')
    track(stream, range(cut), given)
    torch.save(stream.state_dict(), tmp_path / 'session.pth')
    resumed = model.stream()
    resumed.load_state_dict(torch.load(tmp_path / 'session.pth', weights_only=True))
    if network == 'xmem':
        # Cuts before, between and after consolidations.
        assert resumed.memory.is_prototype.any() == (cut >= 9)
    assert resumed.video == 'street' and resumed.time == cut - 1
    assert all(torch.equal(*pair) for pair in zip(track(resumed, range(cut, 20), given), whole[cut:]))


def test_a_session_saved_before_the_first_object(xmem):
    stream, resumed = xmem.stream(), xmem.stream()
    stream.step(frame(0))
    resumed.load_state_dict(stream.state_dict())
    assert torch.equal(resumed.step(frame(1), index_mask(3)), stream.step(frame(1), index_mask(3)))


def test_a_saved_session_does_not_change(xmem):
    stream = xmem.stream()
    track(stream, range(4), {0: index_mask(3)})
    state = stream.state_dict()
    use, sensory = state['memory']['elements']['use'].clone(), state['memory']['sensory'].clone()
    track(stream, range(4, 9))
    assert torch.equal(state['memory']['elements']['use'], use)
    assert torch.equal(state['memory']['sensory'], sensory)


def test_a_session_of_other_settings_is_refused(xmem, stcn):
    stream = stcn.stream()
    track(stream, range(2), {0: index_mask(3)})
    with pytest.raises(ValueError, match="'StreamMemory'.* cannot go on with .*'LongTermMemory'"):
        xmem.stream().load_state_dict(stream.state_dict())


@pytest.mark.parametrize('part, settings', [
    ('test_cfg', dict(mem_every=3)), ('test_cfg', dict(mem_every=2, deep_update_every=4)),
    ('test_memory', dict(xmem_config().test_memory, **LONG_TERM, top_k=29)),
    ('test_memory', dict(xmem_config().test_memory, **dict(LONG_TERM, num_prototypes=31))),
])
def test_a_session_of_another_schedule_or_memory_is_refused(xmem, monkeypatch, part, settings):
    state = xmem.stream().state_dict()
    xmem.stream().load_state_dict(state)
    monkeypatch.setattr(xmem, part, settings)
    with pytest.raises(ValueError, match='was saved with the settings .* and cannot go on with'):
        xmem.stream().load_state_dict(state)


@pytest.mark.parametrize('network', ['xmem', 'stcn'])
def test_chunks_of_objects_change_nothing(network, request, monkeypatch):
    """Also if a chunk holds objects that entered in different frames, and after a consolidation."""
    model = request.getfixturevalue(network)
    masks = torch.zeros(2, *SIZE, dtype=torch.uint8)
    for i in range(11):
        masks[int(i >= 6), 4 * i:4 * i + 4, 5 * i:5 * i + 9] = i + 1
    results = {}
    for chunk in (1, 4, 8, 20):
        monkeypatch.setattr(model, 'object_chunk', chunk)
        stream = model.stream()
        results[chunk] = track(stream, range(11), {0: masks[0], 3: masks[1]})
        assert [group.num_objects for group in stream.memory.groups] == [6, 5]
    assert network == 'stcn' or stream.memory.is_prototype.any()
    for chunk in (1, 4, 8):
        for actual, expected in zip(results[chunk], results[20]):
            torch.testing.assert_close(actual, expected, atol=1e-4, rtol=0)


def test_no_more_than_a_chunk_of_objects_at_a_time(xmem, monkeypatch):
    seen = dict(head=[], deep_update=[])
    for name, part, axis in (('head', type(xmem.head.fuser), 0), ('deep_update', type(xmem.deep_update), 1)):
        monkeypatch.setattr(part, 'forward', lambda self, x, *args, sizes=seen[name], axis=axis, forward=part.forward,
                            **kwargs: sizes.append(x.shape[axis]) or forward(self, x, *args, **kwargs))
    monkeypatch.setattr(xmem, 'object_chunk', 2)
    monkeypatch.setattr(xmem, 'test_cfg', dict(mem_every=5))
    track(xmem.stream(), range(2), {0: index_mask(3, 7, 9)})
    # The update by what is decoded in frame 1 ends in one of the same kind as the deep update of frame 0.
    assert seen == dict(head=[2, 1], deep_update=[2, 1, 2, 1])


def test_late_objects_of_a_real_video(xmem, clips_root):
    """Each object is segmented from the frame in which it appears, also after consolidations."""
    root = clips_root / 'YouTubeVOS' / 'valid'
    stream, first_seen = xmem.stream('late-objects'), {}
    for t, path in enumerate(sorted((root / 'JPEGImages' / 'late-objects').glob('*.jpg'))[:24]):
        image = torch.from_numpy(np.array(Image.open(path).resize((144, 80)))).permute(2, 0, 1)
        mask_path = root / 'Annotations' / 'late-objects' / f'{path.stem}.png'
        mask = None
        if mask_path.exists():
            mask = torch.from_numpy(np.array(Image.open(mask_path).resize((144, 80), Image.NEAREST)))
        prob = stream.step(image, mask)
        assert prob.shape == (len(stream.object_ids) + 1, 80, 144)
        torch.testing.assert_close(prob.sum(0), torch.ones(80, 144))
        for i in stream.object_ids:
            first_seen.setdefault(i, t)
    assert sorted(first_seen.values()) == [0] * 4 + [10] * 3
    assert stream.memory.is_prototype.any() and len(stream.memory.groups) == 2


@pytest.mark.parametrize('settings, deep, decoded', [
    (dict(), [0, 2, 3, 5, 7, 9], [1, 4, 6, 8]),
    # As XMem does it when the two are not synchronised: every frame is refreshed by what is decoded, too.
    (dict(deep_update_every=3), [0, 3, 7], list(range(1, 10))),
    (dict(deep_update_every=1), [0, 2, 3, 5, 7, 9], list(range(1, 10))),
])
def test_schedule_of_the_sensory_updates(settings, deep, decoded):
    """Memory frames are 0, 2, 3 (a mask is given), 5, 7 and 9; the last frame refreshes nothing."""
    model = build_xmem(test_memory=LONG_TERM, test_cfg=dict(mem_every=2, **settings)).eval()
    stream, seen = model.stream(), dict(deep=[], decoded=[])
    for name, layer in dict(deep=model.deep_update, decoded=model.head.sensory_update).items():
        layer.register_forward_hook(lambda *_, times=seen[name]: times.append(stream.time))
    for t in range(11):
        stream.step(frame(t), {0: index_mask(3), 3: index_mask(7)}.get(t), is_last=t == 10)
    assert seen == dict(deep=deep, decoded=decoded)


def test_a_deep_update_that_waits_goes_on_waiting_in_a_continued_session():
    model = build_xmem(test_memory=LONG_TERM, test_cfg=dict(mem_every=2, deep_update_every=5)).eval()
    whole = track(model.stream(), range(12), {0: index_mask(3)})
    stream, resumed = model.stream(), model.stream()
    track(stream, range(4), {0: index_mask(3)})
    resumed.load_state_dict(stream.state_dict())
    assert all(torch.equal(*pair) for pair in zip(track(resumed, range(4, 12)), whole[4:]))


def test_deep_updates_that_are_never_due():
    with pytest.raises(ValueError, match='deep_update_every is a number of frames, or None .*, not -1'):
        build_xmem(test_memory=LONG_TERM, test_cfg=dict(deep_update_every=-1)).stream()


def test_a_long_term_memory_that_is_too_small():
    with pytest.raises(ValueError, match='max_long_term_elements=96 cannot hold the num_prototypes=100'):
        build_xmem(test_memory=dict(LONG_TERM, num_prototypes=100)).stream()


@pytest.mark.parametrize('size', [SIZE, (96, 150), (30, 20)])
def test_the_most_probable_object_is_found_some_maps_at_a_time(xmem, monkeypatch, size):
    """As if all were resized at once, and where several have the same probability."""
    stream, resized = xmem.stream(), []
    stream.object_ids = [7, 3, 200, 9, 1, *range(20, 46)]
    prob = torch.randint(0, 4, (32, *SIZE), generator=torch.Generator().manual_seed(0)) / 4
    whole = F.interpolate(prob[:, None], size=size, mode='bilinear')[:, 0]
    wanted = torch.tensor([0, *stream.object_ids], dtype=torch.uint8)[whole.argmax(0)]
    interpolate = F.interpolate
    monkeypatch.setattr(F, 'interpolate', lambda maps, **args: resized.append(len(maps)) or interpolate(maps, **args))
    assert torch.equal(stream.index_mask(prob, size), wanted)
    assert resized == ([] if size == SIZE else [8] * 4)
    assert len(wanted.unique()) > 10 and (whole == whole.amax(0)).sum(0).float().mean() > 1.1


@pytest.mark.parametrize('network', ['xmem', 'stcn'])
def test_bfloat16(network, request):
    model, given = request.getfixturevalue(network), {0: index_mask(3), 4: index_mask(7)}
    expected = track(model.stream(), range(12), given)
    with torch.autocast('cpu', dtype=torch.bfloat16):
        probabilities = track(model.stream(), range(12), given)
    for actual, wanted in zip(probabilities, expected):
        assert actual.dtype == torch.float32
        assert (actual - wanted).abs().mean() < 0.05


def test_bfloat16_leaves_the_keys_of_inference_as_they_are(stcn):
    images = torch.rand(1, 3, *SIZE)
    with torch.no_grad():
        wanted = stcn.encode(images).key
        with torch.autocast('cpu', dtype=torch.bfloat16):
            assert torch.equal(stcn.encode(images).key, wanted)
            assert stcn.train().encode(images).key.dtype == torch.bfloat16
