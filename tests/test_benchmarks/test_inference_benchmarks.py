"""The benchmarks of inference compare equal results."""
import argparse
import sys

import pytest
import torch
from golden import REPOSITORY

from vosreg.registry import MODELS

sys.path[:0] = [str(REPOSITORY / 'benchmarks'), str(REPOSITORY / 'tests' / 'test_models')]
import inference  # noqa: E402
import inference_profile  # noqa: E402
import memory_read  # noqa: E402
from plain_stcn import PlainSTCN  # noqa: E402
from plain_xmem import PlainXMem, num_elements, plain_stream, usage_of  # noqa: E402
from side_by_side import load_clip, peak_megabytes  # noqa: E402
from small_xmem import build_xmem  # noqa: E402

# A consolidation with every second memory frame from the fourth on; the second one has to make room.
LONG_TERM = dict(
    type='LongTermMemory', top_k=5, max_working_frames=4, min_working_frames=2, num_prototypes=12,
    max_long_term_elements=20)


def build_network(anisotropic=False, fuser='ResidualFuser', sensory_channels=0, test_memory=None):
    """A network of the form of the papers with all its parts, made small; by default an STCN."""
    torch.manual_seed(0)
    backbone = dict(type='TIMMBackbone', model_name='resnet18')
    return MODELS.build(
        dict(
            type='MatchingVOS',
            key_encoder=dict(
                type='KeyEncoder', backbone=backbone, key_channels=16, context_channels=32, anisotropic=anisotropic),
            value_encoder=dict(type='ValueEncoder', backbone=backbone, value_channels=32),
            head=dict(type='ReadoutHead', channels=(32, 16, 16), fuser=dict(type=fuser)),
            sensory_channels=sensory_channels,
            test_memory=test_memory or dict(type='StreamMemory', top_k=5),
            test_cfg=dict(mem_every=2, include_last=False),
            object_chunk=2,
            channels_last=True)).eval()


def xmem():
    return build_network(anisotropic=True, fuser='AttentionFuser', sensory_channels=8, test_memory=LONG_TERM)


def small_xmem():
    return build_xmem(test_memory=LONG_TERM, test_cfg=dict(mem_every=2, include_last=False)).eval()


@pytest.fixture(scope='module')
def model():
    return build_network()


@pytest.fixture
def clip(clips_root):
    return load_clip(clips_root / 'DAVIS', 'schoolgirls', 64, 3, 6)


@pytest.mark.parametrize('one_by_one', [False, True])
def test_the_plain_way_gives_the_same_probabilities(model, clip, one_by_one):
    (frames, mask), plain, stream = clip, PlainSTCN(model, one_by_one), model.stream()
    for t, frame in enumerate(frames):
        image, given = model.data_preprocessor.normalise(frame), mask if t == 0 else None
        prob = stream.step(image, given)
        torch.testing.assert_close(plain.step(image, given), prob, rtol=0, atol=1e-4)
    assert prob[1:].amax((1, 2)).min() > prob[1:].amin((1, 2)).max() + 1e-3
    assert plain.memory['value'].shape[2] == len(stream.memory.elements) == 3 * 4 * 7


@pytest.mark.parametrize('one_by_one', [False, True])
@pytest.mark.parametrize('build', [xmem, small_xmem])
def test_the_plain_way_of_xmem_gives_the_same_probabilities(build, one_by_one, clips_root):
    model = build()
    frames, mask = load_clip(clips_root / 'DAVIS', 'schoolgirls', 64, 3, 14)
    plain, stream, long_term = plain_stream(model, one_by_one), model.stream(), []
    assert isinstance(plain, PlainXMem)
    for t, frame in enumerate(frames):
        image, given = model.data_preprocessor.normalise(frame), mask if t == 0 else None
        prob = stream.step(image, given)
        torch.testing.assert_close(plain.step(image, given), prob, rtol=0, atol=1e-5)
        torch.testing.assert_close(plain.sensory[None], stream.memory.sensory, rtol=0, atol=1e-5)
        long_term.append(num_elements(plain.long_term) if plain.long_term else 0)
        assert int(stream.memory.is_prototype.sum()) == long_term[-1]
    assert prob[1:].amax((1, 2)).min() > prob[1:].amin((1, 2)).max() + 1e-3
    assert long_term == [0] * 6 + [12] * 4 + [20] * 4
    for table, is_prototype in (plain.memory, False), (plain.long_term, True):
        usage = stream.memory.usage[stream.memory.is_prototype == is_prototype]
        torch.testing.assert_close(usage_of(table).sort().values, usage.sort().values, rtol=1e-3, atol=1e-5)


def test_inference_reports_agreement(model, clip, capsys):
    results = inference.run(model, *clip, one_by_one=False, amp=True)
    inference.report(64, 3, results)
    rows = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert [row[:3] for row in rows] == [['64', '3', name] for name in ('plain', 'ours', 'bfloat16')]
    assert float(rows[0][4]) == float(rows[0][6]) == 1 and float(rows[1][7]) > 99.9


def test_memory_read_compares(model, clips_root, capsys):
    args = memory_read.parse_args(
        [str(clips_root / 'DAVIS'), '--height', '64', '--memory-frames', '3', '--repeats', '1'])
    assert isinstance(args, argparse.Namespace) and memory_read.compare(model, args, 2) > 0
    assert len(capsys.readouterr().out.split()) == 7


@pytest.mark.parametrize('way', ['plain', 'ours'])
def test_the_parts_of_a_frame_add_up(way, model, clip):
    if way == 'plain':
        times = inference_profile.profile_plain(model, *clip)
        assert times['top-k'] == times['readout'] == times['aggregation'] == 0
        assert all(times[name] > 0 for name in ('key encoder', 'affinity', 'head', 'value encoder', 'rest'))
    else:
        times = inference_profile.profile(model, *clip, amp=False)
        assert all(times[name] > 0 for name in inference_profile.PARTS)
    # Two of five frames are memory frames.
    parts = sum(times[name] for name in inference_profile.PARTS if name != 'value encoder')
    assert parts < times['frame'] < parts + 2 * times['value encoder']


def test_clips_play_backwards_when_they_end(clips_root):
    frames, mask = load_clip(clips_root / 'DAVIS', 'tennis', 64, 1, 141)
    assert len(frames) == 141 and mask.unique().tolist() == [0, 1] and frames[0].shape[1:] == mask.shape == (64, 112)
    assert torch.equal(frames[70], frames[68]) and torch.equal(frames[138], frames[0])
    with pytest.raises(SystemExit, match='tennis has 1 objects, not 2'):
        load_clip(clips_root / 'DAVIS', 'tennis', 64, 2, 1)


def test_peak_of_memory():
    assert 35 < peak_megabytes(lambda: torch.ones(10, 2**20).sum()) < 60
