"""Regions of a training clip that were discovered without labels, for object-level correspondence."""
from pathlib import Path
from typing import Optional

import numpy as np

from vosreg.registry import TASK_UTILS, TRANSFORMS

from ..discovery import frame_proposals, proposals_path


@TRANSFORMS.register_module()
class LoadProposals:
    """Read the discovered regions of the chosen frames. Comes after the loading of the clip, before it is warped.

    Needs ``video``, ``frame_ids``, ``images``. Adds ``proposals``, T index masks uint8 [H, W].

    Args:
        root: Folder that ``tools/dataset_converters/discover_objects.py`` wrote, one file a video.
        missing: What to do when the file is missing, of another data set or without the frame: 'error', or 'skip' for
            a frame without regions.

    Raises:
        FileNotFoundError: A video has no file.
        ValueError: The file is of another data set, or lacks the frame.
    """

    def __init__(self, root: str, missing: str = 'error') -> None:
        if missing not in ('error', 'skip'):
            raise ValueError(f"missing is 'error' or 'skip', not {missing!r}")
        self.root = Path(root)
        self.missing = missing

    def __call__(self, results: dict) -> dict:
        results['proposals'] = [self._read(results, index, image.shape[:2])
                                for index, image in zip(results['frame_ids'], results['images'])]
        return results

    def _read(self, results: dict, index: int, size) -> np.ndarray:
        try:
            return frame_proposals(proposals_path(self.root, results['video']), results, index, size)
        except (FileNotFoundError, ValueError):
            if self.missing == 'error':
                raise
            return np.zeros(size, np.uint8)


@TRANSFORMS.register_module()
class DiscoverObjects:
    """Discover regions in the clip as it is now, for clips that are rendered and so can have no file of regions.

    Needs ``images``, ``masks``. Adds ``proposals``, T index masks uint8 [H, W]. After the warp and before the colours
    are changed it is cheapest and most stable.

    Args:
        discoverer: Config of what finds them; by default :class:`~vosreg.datasets.discovery.HierarchicalGrouping`.
    """

    def __init__(self, discoverer: Optional[dict] = None) -> None:
        self.discoverer = TASK_UTILS.build(discoverer or dict(type='HierarchicalGrouping'))

    def __call__(self, results: dict) -> dict:
        results['proposals'] = [
            self.discoverer(image, mask) for image, mask in zip(results['images'], results['masks'])]
        return results
