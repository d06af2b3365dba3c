"""Handing items to the model: tensors and data samples."""
import numpy as np
import torch

from vosreg.registry import TRANSFORMS
from vosreg.structures import VOSDataSample

from ..frame_files import frame_name


@TRANSFORMS.register_module()
class PackClip:
    """Pack a training clip.

    Returns:
        ``inputs``, uint8 [T, 3, H, W], RGB; ``data_samples``, a :class:`~vosreg.structures.VOSDataSample` with
        ``masks`` and, where the clip has them, ``proposals``, uint8 [T, H, W], and the meta information ``video``,
        ``frame_ids``, ``num_objects``.
    """

    def __call__(self, results: dict) -> dict:
        masks = torch.from_numpy(np.stack(results['masks']))
        sample = VOSDataSample(
            metainfo=dict(
                video=results['video'], frame_ids=tuple(results['frame_ids']), num_objects=int(masks.max())))
        sample.masks = masks
        if 'proposals' in results:
            sample.proposals = torch.from_numpy(np.stack(results['proposals']))
        inputs = np.stack([image.transpose(2, 0, 1) for image in results['images']])
        return dict(inputs=torch.from_numpy(inputs), data_samples=sample)


@TRANSFORMS.register_module()
class PackFrame:
    """Pack one frame of a video.

    Returns:
        ``inputs``, uint8 [3, H, W], RGB; ``data_samples``, a :class:`~vosreg.structures.VOSDataSample` with
        ``given_mask`` and ``gt_mask`` where the frame has them, and the meta information of a frame.
    """

    def __call__(self, results: dict) -> dict:
        index = results['frame_index']
        path = results['frame_paths'][index] if 'frame_paths' in results else ''
        sample = VOSDataSample(
            metainfo=dict(
                video=results['video'],
                frame_index=index,
                frame_name=frame_name(results, index),
                video_length=results['num_frames'],
                frame_path=path,
                ori_shape=tuple(results['ori_shape']),
                object_ids=tuple(results['object_ids']),
                given_ids=tuple(results.get('given_ids', ())),
                result_wanted=index in results.get('result_frames', (index, )),
                categories=results.get('categories', {})))
        if 'scene' in results:
            sample.set_metainfo(dict(scene=results['scene']))
        for name in ('given_mask', 'gt_mask'):
            if name in results:
                sample.set_field(torch.from_numpy(results[name]), name)
        inputs = np.ascontiguousarray(results['image'].transpose(2, 0, 1))
        return dict(inputs=torch.from_numpy(inputs), data_samples=sample)
