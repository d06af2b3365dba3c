from .affinity import query_blocks, readout, similarity, sparse_readout, squared_distance_scores, topk_softmax
from .aggregation import aggregate_logits, soft_aggregate
from .geometry import invert_affine, pad_to_multiple, unpad, view_matrix, warp

__all__ = [
    'aggregate_logits', 'invert_affine', 'pad_to_multiple', 'query_blocks', 'readout', 'similarity', 'soft_aggregate',
    'sparse_readout', 'squared_distance_scores', 'topk_softmax', 'unpad', 'view_matrix', 'warp'
]
