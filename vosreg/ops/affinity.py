"""The affinity between query and memory locations, and reading a memory by it.

Letters: B images, M memory locations, Q query locations, Ck key channels, Cv value channels, N objects, k best matches.
Scores stand query by query, [B, Q, M]: a row is what one query sees, so that top-k and softmax run along memory.
"""
import math
from typing import Iterator, Optional, Tuple

import torch
import torch.nn.functional as F
from torch import Tensor


def similarity(memory_key: Tensor,
               query_key: Tensor,
               shrinkage: Optional[Tensor] = None,
               selection: Optional[Tensor] = None) -> Tensor:
    r"""Negative squared distance between memory and query keys.

    The anisotropic L2 similarity of XMem (Cheng and Schwing, ECCV 2022, eq. 4),
    :math:`S_{ij} = -s_i \sum_c e_{jc} (m_{ic} - q_{jc})^2 / \sqrt{C_k}`. Without a selection the term
    :math:`|q_j|^2` is left out, as in STCN (Cheng et al., NeurIPS 2021) where the softmax over the memory cancels it.
    It is computed in float32 whatever the autocast: the scores are differences of large numbers.

    Args:
        memory_key: [B, Ck, M].
        query_key: [B, Ck, Q].
        shrinkage: Sharpness of the memory locations, [B, 1, M].
        selection: Channel weights of the query locations, [B, Ck, Q].

    Returns:
        Float32 [B, Q, M].
    """
    with torch.autocast(memory_key.device.type, enabled=False):
        memory_key, query_key = memory_key.float(), query_key.float().transpose(1, 2)
        if selection is None:
            scores = torch.baddbmm(-memory_key.square().sum(1, keepdim=True), query_key, memory_key, alpha=2)
        else:
            weights = selection.float().transpose(1, 2)
            weighted_query = weights * query_key
            scores = torch.baddbmm(-weights @ memory_key.square(), weighted_query, memory_key, alpha=2)
            scores = scores - (weighted_query * query_key).sum(2, keepdim=True)
        if shrinkage is not None:
            scores = scores * shrinkage.float()
        return scores / math.sqrt(memory_key.shape[1])


def squared_distance_scores(memory_key: Tensor, query_key: Tensor) -> Tensor:
    r""":math:`-|m_i - q_j|^2 / \sqrt{C_k}`: :func:`similarity` with the query's own term.

    Args:
        memory_key: [B, Ck, M].
        query_key: [B, Ck, Q].

    Returns:
        Float32 [B, Q, M], at most 0 up to rounding.
    """
    query_norm = query_key.float().square().sum(1)[:, :, None]
    return similarity(memory_key, query_key) - query_norm / math.sqrt(query_key.shape[1])


def readout(affinity: Tensor, value: Tensor) -> Tensor:
    """Affinity-weighted sum of all memory values.

    Args:
        affinity: [B, Q, M], rows sum to 1.
        value: [B, N, Cv, M].

    Returns:
        [B, N, Cv, Q].
    """
    return (value.flatten(1, 2) @ affinity.to(value.dtype).transpose(1, 2)).unflatten(1, value.shape[1:3])


def topk_softmax(scores: Tensor, k: int) -> Tuple[Tensor, Tensor]:
    """Softmax over the k largest scores of each row.

    The maximum is subtracted before the exponential, and a row shorter than k is used whole.

    Args:
        scores: [..., M].
        k: Number of scores to keep.

    Returns:
        Weights [..., k] that sum to 1 and their positions along M, int64 [..., k].
    """
    best, indices = scores.topk(min(k, scores.shape[-1]), dim=-1)
    return best.softmax(-1), indices


def sparse_readout(weights: Tensor, indices: Tensor, value_rows: Tensor) -> Tensor:
    """Weighted sum of k memory rows a query, without a dense affinity.

    Args:
        weights: [Q, k].
        indices: Rows of ``value_rows``, int64 [Q, k].
        value_rows: The memory with one row a location, [M, D]; D may hold several objects.

    Returns:
        [Q, D].
    """
    return F.embedding_bag(indices, value_rows, per_sample_weights=weights.to(value_rows.dtype), mode='sum')


def query_blocks(num_queries: int, num_memory: int, max_scores: int) -> Iterator[slice]:
    """Cut the queries so that a block of scores [block, M] holds at most ``max_scores`` numbers.

    Args:
        num_queries: Q.
        num_memory: M.
        max_scores: Bound on block * M; at least one query is taken at a time.

    Yields:
        Slices of 0..Q-1.
    """
    size = max(1, max_scores // max(1, num_memory))
    for start in range(0, num_queries, size):
        yield slice(start, min(start + size, num_queries))
