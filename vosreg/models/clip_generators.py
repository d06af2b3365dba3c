"""Random numbers of training that nothing else shares."""
import zlib
from typing import List, Tuple

import numpy as np
from mmengine.dist import get_rank, get_world_size
from mmengine.logging import MessageHub


def batch_generator(purpose: str) -> np.random.Generator:
    """A generator that all processes have alike in an iteration, for what is drawn once for the whole batch.

    Args:
        purpose: What the numbers are for; other purposes get other numbers.

    Returns:
        The generator.
    """
    return np.random.default_rng(_seeds(purpose))


def clip_generators(num_clips: int, purpose: str) -> List[np.random.Generator]:
    """A generator for each clip of the current training batch.

    Seeded by the run's seed, the iteration, the purpose and the clip's place in the batch of all processes, and apart
    from PyTorch's generators: who draws here changes no batch and no dropped path, and a resumed run, or one on
    another number of processes, draws the same.

    Args:
        num_clips: Clips of this process's batch.
        purpose: What the numbers are for; other purposes get other numbers.

    Returns:
        One generator a clip.
    """
    shared = _seeds(purpose)
    # ClipSampler deals the clips of a global batch to the processes in turn.
    places = range(get_rank(), num_clips * get_world_size(), get_world_size())
    return [np.random.default_rng((*shared, place)) for place in places]


def _seeds(purpose: str) -> Tuple[int, int, int]:
    hub = MessageHub.get_current_instance()
    return hub.get_info('seed', 0), hub.get_info('iter', 0), zlib.crc32(purpose.encode())
