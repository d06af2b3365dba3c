"""On which videos the models are compared, and by what."""
from pathlib import Path
from typing import Dict

import numpy as np

from vosreg.fileio import read_mask
from vosreg.registry import TRANSFORMS

DAVIS_CLIPS = ('tennis', 'bmx-trees', 'schoolgirls')
REAL_CLIPS = (*DAVIS_CLIPS, 'caps')
CLIP_SETS = ('synthetic', *REAL_CLIPS)
EVALUATORS = (dict(type='DAVISMetric', annotated_only=True), dict(type='MatchPrecision'))


@TRANSFORMS.register_module()
class LoadTruthOfFirstObjects:
    """Read the ground truth of the objects that the video's given masks show; another one enters ``caps`` later.

    Needs ``frame_index``, ``mask_paths``, ``object_ids``. Adds ``gt_mask`` on the frames that have one.
    """

    def __call__(self, results: dict) -> dict:
        path = results['mask_paths'][results['frame_index']]
        if path is not None:
            mask = read_mask(path)
            results['gt_mask'] = np.where(np.isin(mask, results['object_ids']), mask, 0).astype(np.uint8)
        return results


def clip_sets(clips: Path) -> Dict[str, dict]:
    """Configs of the data sets by name: held-out rendered videos, and real ones as they are on disk, 240 pixels high.

    Only ``caps`` is shrunk, to 360 pixels, so that two cores segment it in a minute.

    Args:
        clips: Folder that holds the real clips, in ``DAVIS`` and ``YouTubeVOS``.
    """
    synthetic = dict(
        type='SyntheticVOS', split='val', num_videos=16, num_frames=24, num_objects=(1, 3), test_mode=True,
        pipeline=[dict(type='RenderFrame'), dict(type='PackFrame')])
    davis = dict(
        type='DAVISDataset', data_root=str(clips / 'DAVIS'), test_mode=True,
        pipeline=[dict(type='LoadFrame'), dict(type='PackFrame')])
    frames, masks = (clips / 'YouTubeVOS' / 'valid' / folder / 'caps' for folder in ('JPEGImages', 'Annotations'))
    caps = dict(
        type='VideoFolderDataset', frames_root=str(frames), masks_root=str(masks / '00000.png'),
        annotations_root=str(masks), test_mode=True,
        pipeline=[
            dict(type='LoadFrame', with_gt=False), dict(type='LoadTruthOfFirstObjects'),
            dict(type='ResizeShortSide', size=360), dict(type='PackFrame')])
    return dict(synthetic=synthetic, **{name: dict(davis, videos=[name]) for name in DAVIS_CLIPS}, caps=caps)
