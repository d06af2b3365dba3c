"""The affinity between query and memory locations, and reading a memory by it.

Letters: B images, M memory locations, Q query locations, Ck key channels, Cv value channels, N objects, k best matches.
Scores stand query by query, [B, Q, M]: a row is what one query sees, so that top-k and softmax run along memory.
"""
import math
from typing import Iterator, Optional, Tuple

import torch
import torch.nn.functional as F
from torch import Tensor

# Scores of a row of which only the largest is looked at first when the k largest ones are searched for.
PART_SIZE = 16


def similarity(memory_key: Tensor,
               query_key: Tensor,
               shrinkage: Optional[Tensor] = None,
               selection: Optional[Tensor] = None,
               dot_product: bool = False) -> Tensor:
    r"""Negative squared distance between memory and query keys, or their dot product.

    The anisotropic L2 similarity of XMem (Cheng and Schwing, ECCV 2022, eq. 4),
    :math:`S_{ij} = -s_i \sum_c e_{jc} (m_{ic} - q_{jc})^2 / \sqrt{C_k}`. Without a selection the term
    :math:`|q_j|^2` is left out, as in STCN (Cheng et al., NeurIPS 2021) where the softmax over the memory cancels it.
    The dot product of STM (Oh et al., ICCV 2019) is :math:`S_{ij} = s_i \sum_c e_{jc} m_{ic} q_{jc} / \sqrt{C_k}`.
    It is computed in float32 whatever the autocast: the scores are differences of large numbers.

    Args:
        memory_key: [B, Ck, M].
        query_key: [B, Ck, Q].
        shrinkage: Sharpness of the memory locations, [B, 1, M].
        selection: Channel weights of the query locations, [B, Ck, Q].
        dot_product: Take the dot product.

    Returns:
        Float32 [B, Q, M].
    """
    with torch.autocast(memory_key.device.type, enabled=False):
        memory = memory_terms(memory_key, shrinkage, selection is not None, dot_product)
        return query_terms(query_key, selection, dot_product).transpose(1, 2) @ memory


def memory_terms(memory_key: Tensor, shrinkage: Optional[Tensor], is_selective: bool,
                 dot_product: bool = False) -> Tensor:
    r"""The memory's factor of :func:`similarity`, which is one product of matrices.

    The rows are :math:`s m, s m^2, s` with a selection and :math:`s m, s |m|^2` without, and :math:`s m` alone for the
    dot product.

    Args:
        memory_key: [B, Ck, M].
        shrinkage: [B, 1, M] or None.
        is_selective: The queries have a selection.
        dot_product: The scores are dot products.

    Returns:
        Float32 [B, 2 * Ck + 1, M] with a selection, [B, Ck + 1, M] without, [B, Ck, M] for the dot product.
    """
    terms = key = memory_key.float()
    if not dot_product:
        square = key.square()
        rest = [square, torch.ones_like(key[:, :1])] if is_selective else [square.sum(1, keepdim=True)]
        terms = torch.cat([key, *rest], dim=1)
    return terms if shrinkage is None else terms * shrinkage.float()


def query_terms(query_key: Tensor, selection: Optional[Tensor], dot_product: bool = False) -> Tensor:
    """The queries' factor of :func:`similarity`, see :func:`memory_terms`.

    Args:
        query_key: [B, Ck, Q].
        selection: [B, Ck, Q] or None.
        dot_product: The scores are dot products.

    Returns:
        Float32 [B, 2 * Ck + 1, Q] with a selection, [B, Ck + 1, Q] without, [B, Ck, Q] for the dot product.
    """
    key = query_key.float()
    if dot_product:
        terms = [key if selection is None else selection.float() * key]
    elif selection is None:
        terms = [2 * key, -torch.ones_like(key[:, :1])]
    else:
        weight = selection.float()
        weighted = weight * key
        terms = [2 * weighted, -weight, -(weighted * key).sum(1, keepdim=True)]
    return torch.cat(terms, dim=1) / math.sqrt(key.shape[1])


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
        Weights [..., k] that sum to 1, the largest first, and their positions along M, int64 [..., k].
    """
    best, indices = _topk(scores, min(k, scores.shape[-1]))
    return best.softmax(-1), indices


def _topk(scores: Tensor, k: int) -> Tuple[Tensor, Tensor]:
    """``scores.topk(k)``, which on the CPU is slower in a long row than finding the maxima of parts of it.

    The k largest scores lie in the k parts with the largest maxima, and in what is left over by parts of equal size.
    """
    num_parts = scores.shape[-1] // PART_SIZE
    if scores.device.type != 'cpu' or num_parts < 4 * k:
        return scores.topk(k)
    end = num_parts * PART_SIZE
    # Part j holds every num_parts-th score from j on, so that the maxima are taken along memory that is contiguous.
    parts = scores[..., :end].unflatten(-1, (PART_SIZE, num_parts))
    chosen = parts.amax(-2).topk(k, sorted=False).indices[..., None, :].expand(*parts.shape[:-1], k)
    starts = torch.arange(0, end, num_parts)[:, None]
    rest = torch.arange(end, scores.shape[-1]).expand(*scores.shape[:-1], -1)
    candidates = torch.cat([parts.gather(-1, chosen).flatten(-2), scores[..., end:]], dim=-1)
    positions = torch.cat([(chosen + starts).flatten(-2), rest], dim=-1)
    best, indices = candidates.topk(k)
    return best, positions.gather(-1, indices)


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
