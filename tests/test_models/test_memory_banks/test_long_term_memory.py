"""The bounded memory of a running video, on features made up so that the right readout is known."""
import pytest
import torch

from vosreg.models.memory_banks import LongTermMemory, StreamMemory
from vosreg.structures import FrameFeatures

CHANNELS, HEIGHT, WIDTH = 16, 3, 4
LOCATIONS = HEIGHT * WIDTH
SMALL = dict(top_k=5, max_working_frames=5, min_working_frames=3, num_prototypes=6, max_long_term_elements=24)


def features(index, scale=6.0):
    """Keys so far apart that a query reads the element with its own key, if there is one."""
    generator = torch.Generator().manual_seed(index)
    key = scale * torch.randn(1, CHANNELS, HEIGHT, WIDTH, generator=generator)
    shrinkage = 1 + torch.rand(1, 1, HEIGHT, WIDTH, generator=generator)
    selection = 0.5 + 0.5 * torch.rand(1, CHANNELS, HEIGHT, WIDTH, generator=generator)
    return FrameFeatures(key=key, context=None, pyramid={}, shrinkage=shrinkage, selection=selection)


def value(frame, num_objects):
    """What an object remembers of a location is the key of it, times the object's number."""
    return frame.key[:, None] * torch.arange(1, num_objects + 1).view(1, -1, 1, 1, 1)


def run(memory, num_frames, num_objects=lambda t: 1, permanent=(0, )):
    """Read each frame (but the first) and write it."""
    for t in range(num_frames):
        frame = features(t)
        if t:
            memory.read(frame)
        memory.write(frame, value(frame, num_objects(t)), t, permanent=t in permanent)
    return memory


def late(t):
    """The second object enters in frame 4."""
    return 1 if t < 4 else 2


def frames_of(memory, chosen):
    return memory.elements.select(chosen)['place'][:, 0].unique().tolist()


def test_sizes_are_bounded():
    memory, longest, frames = LongTermMemory(**SMALL), 0, 0
    for t in range(60):
        frame = features(t)
        if t:
            memory.read(frame)
        memory.write(frame, value(frame, 1), t, permanent=t == 0)
        longest = max(longest, int(memory.is_prototype.sum()))
        frames = max(frames, int((~memory.is_prototype).sum()) // LOCATIONS)
        assert len(memory.elements) == len(memory.groups[0].values)
    assert longest <= 24 and frames == 4
    assert frames_of(memory, ~memory.is_prototype)[0] == 0


def test_what_was_read_most_becomes_a_prototype():
    memory = LongTermMemory(**SMALL)
    for t in range(4):
        memory.write(features(t), value(features(t), 1), t, permanent=t == 0)
    wanted = features(2)
    for _ in range(3):
        memory.read(FrameFeatures(key=wanted.key, context=None, pyramid={}, selection=wanted.selection))
    memory.write(features(4), value(features(4), 1), 4)
    prototypes = memory.elements.select(memory.is_prototype)
    assert prototypes['place'][:, 0].tolist() == [2] * 6
    # The prototypes' values sum up what is like them: with keys this far apart, themselves.
    values = memory.groups[0].values.rows[memory.is_prototype]
    torch.testing.assert_close(values, prototypes['key'], rtol=1e-3, atol=1e-3)


def test_late_objects_with_long_term_memory():
    """Keys and values belong together for objects of any age, in working, permanent and long-term memory."""
    memory = run(LongTermMemory(**SMALL), 24, num_objects=late, permanent=(0, 4))
    assert [group.num_objects for group in memory.groups] == [1, 1]
    assert memory.is_prototype.any()
    places = memory.elements['place']
    for row, (frame, location) in enumerate(places.tolist()):
        source = features(frame)
        query = FrameFeatures(key=source.key, context=None, pyramid={}, selection=source.selection)
        readout = memory.read(query)[0, :, :, location // WIDTH, location % WIDTH]
        key = memory.elements['key'][row]
        torch.testing.assert_close(readout[0], key, rtol=0.02, atol=0.1)
        if frame >= 4:
            torch.testing.assert_close(readout[1], 2 * key, rtol=0.02, atol=0.2)


def test_late_objects_do_not_read_what_was_before_them():
    memory = run(LongTermMemory(**SMALL), 12, num_objects=late, permanent=(0, 4))
    frames, is_prototype = memory.elements['place'][:, 0], memory.is_prototype
    assert (is_prototype & (frames < 4)).any(), 'prototypes from before the late object'
    early, later = memory.groups
    assert later.first_frame == 4 and len(later.values) == len(memory.elements) - later.start
    query = features(100)
    scores = next(memory._score_blocks(query))
    _, rows = memory._best_matches(later, scores)
    assert frames[later.start:][rows].min() >= 4
    _, rows = memory._best_matches(early, scores)
    assert frames[early.start:][rows].min() < 4


def test_annotated_frames_stay():
    memory = run(LongTermMemory(**SMALL), 30, permanent=(0, 7, 13))
    kept = frames_of(memory, ~memory.is_prototype)
    assert set(kept) >= {0, 7, 13} and len(kept) <= 3 + 4
    assert len(memory.elements) <= 24 + 7 * LOCATIONS


def test_matches_say_what_is_a_prototype():
    memory = run(LongTermMemory(**SMALL), 12)
    weights, frames, locations = memory.match(features(100))
    assert weights.shape == frames.shape == locations.shape == (LOCATIONS, 5)
    torch.testing.assert_close(weights.sum(1), torch.ones(LOCATIONS))
    working = set(frames_of(memory, ~memory.is_prototype))
    assert set(frames.unique().tolist()) <= working | {-1} and -1 in frames
    use = memory.elements['use'].clone()
    memory.match(features(101))
    assert torch.equal(memory.elements['use'], use), 'looking is not reading'


def test_a_temporary_frame_lasts_until_the_next_write():
    memory = LongTermMemory(**SMALL)
    memory.write(features(0), value(features(0), 1), 0, permanent=True)
    memory.write(features(1), value(features(1), 1), 1, temporary=True)
    assert frames_of(memory, ~memory.is_prototype) == [0, 1]
    memory.write(features(2), value(features(2), 1), 2)
    assert frames_of(memory, ~memory.is_prototype) == [0, 2] and memory.working_frames == [2]


def test_a_frame_with_fewer_elements_than_prototypes():
    settings = dict(SMALL, num_prototypes=10**3, max_long_term_elements=10**4, top_k=10**3)
    memory = run(LongTermMemory(**settings), 9)
    # Frames 4, 6 and 8 set off consolidations of two frames each.
    assert int(memory.is_prototype.sum()) == 3 * 2 * LOCATIONS
    assert memory.read(features(50)).isfinite().all()


def test_long_term_memory_as_large_as_one_consolidation():
    memory = run(LongTermMemory(**dict(SMALL, max_long_term_elements=6)), 20)
    assert int(memory.is_prototype.sum()) == 6


@pytest.mark.parametrize('settings, message', [
    (dict(num_prototypes=128, max_long_term_elements=100),
     'max_long_term_elements=100 cannot hold the num_prototypes=128 of one consolidation'),
    (dict(max_working_frames=5, min_working_frames=5), '2 <= min_working_frames < max_working_frames, not 5 and 5'),
    (dict(min_working_frames=1), '2 <= min_working_frames'),
    (dict(num_prototypes=0), 'num_prototypes=0'),
    (dict(top_k=0), 'top_k >= 1 locations of the memory, not 0'),
])
def test_settings_that_cannot_work(settings, message):
    with pytest.raises(ValueError, match=message):
        LongTermMemory(**settings)


@pytest.mark.parametrize('bank', [StreamMemory(top_k=5), LongTermMemory(**SMALL)])
def test_a_restored_memory_reads_and_forgets_alike(bank):
    def go_on(memory):
        for t in range(10, 20):
            yield memory.read(features(t))
            memory.write(features(t), value(features(t), 2), t)

    bank.reset()
    memory = run(bank, 10, num_objects=late, permanent=(0, 4))
    state = memory.state_dict()
    expected = list(go_on(memory))
    restored = LongTermMemory(**SMALL) if isinstance(bank, LongTermMemory) else StreamMemory(top_k=5)
    restored.load_state_dict(state)
    assert all(torch.equal(*pair) for pair in zip(go_on(restored), expected))


@pytest.mark.parametrize('removed, left', [([0], [2]), ([1], [1]), ([0, 1], [])])
def test_removed_objects(removed, left):
    memory = run(LongTermMemory(**SMALL), 12, num_objects=late, permanent=(0, 4))
    before = memory.read(features(50))
    memory.remove_objects(removed)
    assert memory.num_objects == len(left)
    if left:
        torch.testing.assert_close(memory.read(features(50)), before[:, [number - 1 for number in left]])
        memory.write(features(60), value(features(60), len(left)), 60)
    else:
        assert not len(memory.elements)


def test_removing_one_of_a_group():
    memory = run(LongTermMemory(**SMALL), 8, num_objects=lambda t: 3)
    before = memory.read(features(50))
    memory.remove_objects([1])
    torch.testing.assert_close(memory.read(features(50)), before[:, [0, 2]])


def test_objects_that_come_and_go_leave_nothing():
    """Annotated frames of removed objects do not pile up."""
    memory, sizes = LongTermMemory(**SMALL), []
    for t in range(0, 120, 6):
        for step in range(6):
            frame = features(t + step)
            if memory.num_objects:
                assert memory.read(frame).isfinite().all()
            entering = step == 0
            memory.write(frame, value(frame, memory.num_objects + entering), t + step, permanent=entering)
        if memory.num_objects > 2:
            memory.remove_objects([0])
        sizes.append(len(memory.elements))
    assert max(sizes) == max(sizes[:8]) and memory.num_objects == 2
