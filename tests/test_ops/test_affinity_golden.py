"""Affinity functions and the memory bank against the official STCN and XMem."""
import numpy as np
import pytest
import torch

from vosreg.models.memory_banks import StreamMemory
from vosreg.ops import query_blocks, readout, similarity, sparse_readout, topk_softmax
from vosreg.structures import FrameFeatures

VARIANTS = {'ms_qe': (True, True), 'ms': (True, False), 'qe': (False, True), 'plain': (False, False)}


@pytest.fixture(scope='module')
def golden(golden_root):
    with np.load(golden_root / 'affinity.npz') as archive:
        return {name: torch.from_numpy(archive[name]) for name in archive}


def inputs(golden, variant='plain'):
    use_shrinkage, use_selection = VARIANTS[variant]
    return dict(
        memory_key=golden['in_mk'].flatten(2),
        query_key=golden['in_qk'].flatten(2),
        shrinkage=golden['in_ms'].flatten(2) if use_shrinkage else None,
        selection=golden['in_qe'].flatten(2) if use_selection else None)


def dense(weights, indices, num_memory):
    return weights.new_zeros(*weights.shape[:-1], num_memory).scatter(-1, indices, weights)


@pytest.mark.parametrize('variant', VARIANTS)
def test_xmem_affinity(golden, variant):
    scores = similarity(**inputs(golden, variant))
    torch.testing.assert_close(scores.transpose(1, 2), golden[f'xmem_similarity_{variant}'], atol=1e-4, rtol=0)
    full = scores.softmax(-1)
    top10 = dense(*topk_softmax(scores, 10), scores.shape[-1])
    value = golden['in_mv'].flatten(2)[:, None]
    for name, affinity in (('full', full), ('top10', top10)):
        torch.testing.assert_close(
            affinity.transpose(1, 2), golden[f'xmem_softmax_{name}_{variant}'], atol=2e-5, rtol=0)
        torch.testing.assert_close(
            readout(affinity, value)[:, 0].unflatten(2, (5, 6)), golden[f'xmem_readout_{name}_{variant}'],
            atol=2e-5, rtol=0)
    torch.testing.assert_close(top10.sum(1), golden[f'xmem_usage_top10_{variant}'], atol=2e-5, rtol=0)


def test_stcn_affinity(golden):
    scores = similarity(**inputs(golden))
    torch.testing.assert_close(scores.softmax(-1).transpose(1, 2), golden['stcn_affinity_full'], atol=2e-5, rtol=0)
    top10 = dense(*topk_softmax(scores, 10), scores.shape[-1])
    torch.testing.assert_close(top10.transpose(1, 2), golden['stcn_affinity_top10'], atol=2e-5, rtol=0)
    read = readout(scores.softmax(-1), golden['in_mv'].flatten(2)[:, None])[:, 0].unflatten(2, (5, 6))
    torch.testing.assert_close(torch.cat([read, golden['in_qv']], 1), golden['stcn_readout_full'], atol=2e-5, rtol=0)


@pytest.mark.parametrize('max_scores', [2**24, 7 * 60])
def test_stcn_memory_bank(golden, max_scores):
    """Two objects; times 0 (kept), 1 (temporary) and 2 (kept, which drops time 1), read after each."""
    memory = StreamMemory(top_k=10, max_scores=max_scores)
    query = FrameFeatures(key=golden['in_qk'][:1], context=None, pyramid={})
    for time, permanent in enumerate((True, False, True)):
        features = FrameFeatures(key=golden['in_mk'][:1, :, time], context=None, pyramid={})
        memory.write(features, golden['in_mv'][None, :, :, time], time, temporary=not permanent)
        torch.testing.assert_close(
            memory.read(query)[0], golden['stcn_bank_readouts'][time], atol=2e-5, rtol=0)


def test_sparse_readout_is_the_dense_one():
    generator = torch.Generator().manual_seed(0)
    scores, values = torch.randn(1, 40, 90, generator=generator), torch.randn(1, 2, 8, 90, generator=generator)
    weights, indices = topk_softmax(scores, 20)
    sparse = sparse_readout(weights[0], indices[0], values[0].flatten(0, 1).T.contiguous())
    plain = readout(dense(weights, indices, 90), values)[0]
    torch.testing.assert_close(sparse.T.unflatten(0, (2, 8)), plain)


def test_large_scores_do_not_overflow():
    """The official top-k softmax exponentiates without subtracting the maximum."""
    weights, _ = topk_softmax(torch.tensor([[500., 499., -500.]]), 2)
    torch.testing.assert_close(weights, torch.tensor([[1., 0.]]).add(torch.tensor([[-1., 1.]]) / (1 + torch.e)))


@pytest.mark.parametrize('length', [1280, 1291, 5000])
def test_the_best_of_long_rows(length):
    scores = torch.randn(2, 7, length + 3, generator=torch.Generator().manual_seed(length))[..., 3:]
    scores[0, :, 15:] = float('-inf')
    scores[1, 0, -20:] += 100
    weights, indices = topk_softmax(scores, 20)
    best = scores.topk(20)
    torch.testing.assert_close(weights, best.values.softmax(-1))
    torch.testing.assert_close(indices[1], best.indices[1])
    torch.testing.assert_close(indices[0, :, :15], best.indices[0, :, :15])
    assert all(len(row.unique()) == 20 for row in indices.flatten(0, 1))


def test_memory_smaller_than_top_k():
    weights, indices = topk_softmax(torch.zeros(3, 4), 20)
    assert weights.shape == indices.shape == (3, 4)


def test_query_blocks_cover_all_queries_once():
    blocks = list(query_blocks(num_queries=10, num_memory=100, max_scores=350))
    assert [(block.start, block.stop) for block in blocks] == [(0, 3), (3, 6), (6, 9), (9, 10)]
    assert len(list(query_blocks(5, 100, 10))) == 5
