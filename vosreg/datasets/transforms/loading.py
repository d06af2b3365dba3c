"""Reading frames and masks from files."""
from typing import Optional, Sequence, Tuple

import numpy as np

from vosreg.fileio import VOID_ID, object_ids, read_image, read_mask
from vosreg.registry import TRANSFORMS


@TRANSFORMS.register_module()
class LoadClip:
    """Read the chosen frames and their masks.

    Needs ``frame_ids``, ``frame_paths`` and ``mask_paths``. Adds ``images``, T RGB uint8 [H, W, 3], and ``masks``, T
    uint8 [H, W] with ids as on disk; void (255) becomes background. With ``merge_objects`` any non-zero pixel is
    object 1, and ``label_ids`` tells what the values of a mask stand for. All is background in a video without
    ``mask_paths``, which is unlabelled. A frame that is chosen several times is read once.

    Raises:
        FileNotFoundError: A file is missing.
        UnreadableImageError: A file is truncated or not an image.
        ValueError: A mask differs in size from its frame, or a frame from the first one of the clip.
    """

    def __call__(self, results: dict) -> dict:
        frames = dict.fromkeys(results['frame_ids'])
        images = {index: read_image(results['frame_paths'][index]) for index in frames}
        size = images[results['frame_ids'][0]].shape[:2]
        for index, image in images.items():
            if image.shape[:2] != size:
                raise ValueError(f'the frame {results["frame_paths"][index]} is {image.shape[1]}x{image.shape[0]} '
                                 f'pixels, but others of the video {results["video"]!r} are {size[1]}x{size[0]}; the '
                                 'frames of a video must have one size')
        if 'mask_paths' in results:
            masks = {index: _read_objects(results['mask_paths'][index], results, size) for index in frames}
        else:
            masks = {index: np.zeros(size, np.uint8) for index in frames}
        results['images'] = [images[index] for index in results['frame_ids']]
        results['masks'] = [masks[index] for index in results['frame_ids']]
        return results


@TRANSFORMS.register_module()
class LoadFrame:
    """Read one frame of a video for streaming, with the mask that is given there and the ground truth.

    Needs ``frame_index``, ``frame_paths``, ``mask_paths``, ``given``. Adds ``image``, RGB uint8 [H, W, 3];
    ``ori_shape``, (H, W); ``object_ids``, the ids of all masks given in the video; ``given_mask``, uint8 [H, W], and
    ``given_ids``, the ids in it, on the frames where one is given; ``gt_mask``, uint8 [H, W], where there is one. Void
    (255) becomes background; with ``merge_objects`` any non-zero pixel is object 1. Where ``given_objects`` tells which
    objects enter at a frame, a given mask shows these only, and ids that enter nowhere are background.

    Args:
        with_gt: Read the ground truth, which only metrics need.

    Raises:
        FileNotFoundError: A file is missing.
        UnreadableImageError: A file is truncated or not an image.
        ValueError: A mask differs in size from its frame, the first given mask shows no object, or the ground truth
            holds an object that no given mask of the video introduces.
    """

    def __init__(self, with_gt: bool = True) -> None:
        self.with_gt = with_gt
        # The ids of the video that is streaming, so that its given masks are looked at once and not at every frame.
        self._paths: Tuple[str, ...] = ()
        self._object_ids: Tuple[int, ...] = ()

    def __call__(self, results: dict) -> dict:
        index = results['frame_index']
        results['image'] = read_image(results['frame_paths'][index])
        results['ori_shape'] = shape = results['image'].shape[:2]
        results['object_ids'] = self._introduced_ids(results)
        given_path = _given_mask_paths(results)[index] if index in results['given'] else None
        gt_path = results['mask_paths'][index] if self.with_gt else None
        if given_path is not None:
            results['given_mask'] = _read_objects(given_path, results, shape, _entering(results, index))
            results['given_ids'] = object_ids(results['given_mask'])
        if gt_path is not None:
            results['gt_mask'] = _read_objects(gt_path, results, shape, _entering(results, *results['given']))
            _check_introduced(results, gt_path)
        return results

    def _introduced_ids(self, results: dict) -> Tuple[int, ...]:
        paths = tuple(_given_mask_paths(results)[index] for index in results['given'])
        if paths != self._paths:
            ids_of_masks = [object_ids(_read_objects(path, results, ids=_entering(results, index)))
                            for path, index in zip(paths, results['given'])]
            if not ids_of_masks[0]:
                raise ValueError(f'the first mask of the video {results["video"]!r} shows no object: {paths[0]}. A '
                                 'pixel of an object must hold its id, 1 to 254; in a black and white mask (0 and 255) '
                                 'set merge_objects=True')
            self._object_ids = tuple(sorted(set().union(*ids_of_masks)))
            self._paths = paths
        return self._object_ids


def _given_mask_paths(results: dict) -> list:
    return results.get('given_mask_paths', results['mask_paths'])


def _entering(results: dict, *frames: int) -> Optional[Tuple[int, ...]]:
    """The ids that may enter at these frames; None for any."""
    if 'given_objects' not in results:
        return None
    return tuple(object_id for index in frames for object_id in results['given_objects'][index])


def _read_objects(path: str,
                  results: dict,
                  shape: Optional[Tuple[int, int]] = None,
                  ids: Optional[Sequence[int]] = None) -> np.ndarray:
    # Grey masks, which are only divided into dark and bright, may be JPEGs.
    mask = read_mask(path, shape, lossy='label_ids' in results)
    if 'label_ids' in results:
        mask = results['label_ids'][mask]
    if results.get('merge_objects', False):
        return (mask > 0).astype(np.uint8)
    mask[mask == VOID_ID] = 0
    if ids is not None:
        mask[~np.isin(mask, ids)] = 0
    return mask


def _check_introduced(results: dict, path: str) -> None:
    unknown = sorted(set(object_ids(results['gt_mask'])) - set(results['object_ids']))
    if unknown:
        raise ValueError(f'the ground truth of frame {results["frame_index"]} of the video {results["video"]!r} holds '
                         f'the object ids {unknown}, which none of its given masks introduces (they hold '
                         f'{list(results["object_ids"])}): {path}')
