"""Frames that are rendered instead of read."""
import numpy as np

from vosreg.registry import TRANSFORMS

from ..synthetic import build_scene


@TRANSFORMS.register_module()
class RenderClip:
    """Render the chosen frames of a synthetic scene and their masks; takes the place of :class:`LoadClip`.

    Needs ``scene`` and ``frame_ids``. Adds ``images`` and ``masks``.
    """

    def __call__(self, results: dict) -> dict:
        scene = build_scene(results['scene'])
        images, masks = zip(*[scene.render(t) for t in results['frame_ids']])
        results.update(images=list(images), masks=list(masks))
        return results


@TRANSFORMS.register_module()
class RenderFrame:
    """Render one frame of a synthetic scene for streaming; takes the place of :class:`LoadFrame`.

    Needs ``scene``, ``frame_index``, ``given``. Adds ``image``, ``ori_shape``, ``object_ids``, ``gt_mask``, and
    ``given_mask`` and ``given_ids`` on the frames where a mask is given.
    """

    def __call__(self, results: dict) -> dict:
        scene = build_scene(results['scene'])
        image, mask = scene.render(results['frame_index'])
        results.update(image=image, gt_mask=mask, ori_shape=mask.shape, object_ids=scene.object_ids)
        if results['frame_index'] in results['given']:
            results.update(given_mask=mask, given_ids=tuple(np.unique(mask[mask > 0]).tolist()))
        return results
