from .affinity import query_blocks, readout, similarity, sparse_readout, topk_softmax
from .aggregation import aggregate_logits, soft_aggregate
from .geometry import pad_to_multiple, unpad

__all__ = [
    'aggregate_logits', 'pad_to_multiple', 'query_blocks', 'readout', 'similarity', 'soft_aggregate', 'sparse_readout',
    'topk_softmax', 'unpad'
]
