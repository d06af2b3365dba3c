from .affinity import (
    memory_terms,
    query_blocks,
    query_terms,
    readout,
    similarity,
    sparse_readout,
    squared_distance_scores,
    topk_softmax,
)
from .aggregation import aggregate_logits, soft_aggregate
from .geometry import invert_affine, pad_to_multiple, unpad, view_matrix, warp

__all__ = [
    'aggregate_logits', 'invert_affine', 'memory_terms', 'pad_to_multiple', 'query_blocks', 'query_terms', 'readout',
    'similarity', 'soft_aggregate', 'sparse_readout', 'squared_distance_scores', 'topk_softmax', 'unpad',
    'view_matrix', 'warp'
]
