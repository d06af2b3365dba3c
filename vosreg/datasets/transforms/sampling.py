"""Choosing the frames of a training clip."""
from typing import List, Optional

import numpy as np

from vosreg.registry import TRANSFORMS


@TRANSFORMS.register_module()
class SampleFrames:
    """Choose T annotated frames of a video with random gaps, as STCN does (Cheng et al., NeurIPS 2021).

    With L annotated frames and J = min(L, max_skip), all positions counted in annotated frames:

    - the first frame is uniform in [0, L - J];
    - each next one lies 1 + uniform{0..J} further, but frame k = 1..T-1 at most at L - floor(J (T - k) / max(T - 1, 2))
      and at L - 1. For T = 3 the bounds L - J and L - floor(J / 2) are the official ones.

    The bound may repeat a frame; the augmentation then tells the copies apart. When only every n-th frame is annotated
    (YouTube-VOS: every fifth), or is on disk (``frame_step``), J is max_skip / n, rounded down, at least 1.

    Needs ``num_frames``, ``rng``, ``max_skip`` and, if the video has files, ``mask_paths``. Adds ``frame_ids``. Returns
    None for a video with fewer than T annotated frames.

    Args:
        num_frames: T, the frames of a clip.
        max_skip: Largest random part of a gap in frames; ``results['max_skip']`` takes its place unless None.
        reverse_prob: Probability of playing the clip backwards.
    """

    def __init__(self, num_frames: int = 3, max_skip: int = 25, reverse_prob: float = 0.5) -> None:
        if num_frames < 1 or max_skip < 1:
            raise ValueError(f'a clip needs num_frames >= 1 and max_skip >= 1, not {num_frames} and {max_skip}')
        self.num_frames = num_frames
        self.max_skip = max_skip
        self.reverse_prob = reverse_prob

    def __call__(self, results: dict) -> Optional[dict]:
        annotated = _annotated_frames(results)
        if len(annotated) < self.num_frames:
            return None
        max_skip = self.max_skip if results.get('max_skip') is None else results['max_skip']
        stride = int(np.median(np.diff(annotated))) if len(annotated) > 1 else 1
        stride *= results.get('frame_step', 1)
        positions = self._draw(len(annotated), max(1, max_skip // stride), results['rng'])
        results['frame_ids'] = [annotated[position] for position in positions]
        return results

    def _draw(self, length: int, max_skip: int, rng: np.random.Generator) -> List[int]:
        skip = min(length, max_skip)
        positions = [int(rng.integers(length - skip + 1))]
        for k in range(1, self.num_frames):
            room = skip * (self.num_frames - k) // max(self.num_frames - 1, 2)
            step = 1 + int(rng.integers(skip + 1))
            positions.append(min(positions[-1] + step, length - room, length - 1))
        return positions[::-1] if rng.random() < self.reverse_prob else positions


@TRANSFORMS.register_module()
class SampleNearbyFrames(SampleFrames):
    """Choose T annotated frames of a video, each within ``max_skip`` of another one, as XMem does (Cheng and Schwing,
    ECCV 2022).

    The first one is uniform; each next one is uniform among the frames not chosen yet that lie at most J annotated
    frames from any chosen one, where J is ``max_skip`` as in :class:`SampleFrames`, of which all else is. No frame is
    repeated.

    Args:
        num_frames: T, the frames of a clip.
        max_skip: Largest distance of a frame to the nearest chosen one; ``results['max_skip']`` takes its place unless
            None.
        reverse_prob: Probability of playing the clip backwards.
    """

    def __init__(self, num_frames: int = 8, max_skip: int = 15, reverse_prob: float = 0.5) -> None:
        super().__init__(num_frames, max_skip, reverse_prob)

    def _draw(self, length: int, max_skip: int, rng: np.random.Generator) -> List[int]:
        positions = np.arange(length)
        chosen = [int(rng.integers(length))]
        while len(chosen) < self.num_frames:
            distances = abs(positions[:, None] - chosen).min(axis=1)
            chosen.append(int(rng.choice(positions[(distances > 0) & (distances <= max_skip)])))
        return sorted(chosen, reverse=rng.random() < self.reverse_prob)


def _annotated_frames(results: dict) -> List[int]:
    if 'mask_paths' not in results:
        return list(range(results['num_frames']))
    return [index for index, path in enumerate(results['mask_paths']) if path is not None]
