"""What travels beside the images: masks in, masks out, and where they belong."""
from mmengine.structures import BaseDataElement


class VOSDataSample(BaseDataElement):
    """Annotations and results of a training clip or of one frame of a video.

    Data fields of a training clip (T frames):

        - ``masks``: Index masks, uint8 [T, H, W]; objects are numbered 1..N, 0 is background. An unlabelled clip has
          background only.
        - ``proposals``: Index masks of discovered regions, uint8 [T, H, W]; their numbers mean nothing beyond a frame.
          Only where there are some.

    Data fields of a frame of a video:

        - ``given_mask``: Index mask that the model may see, uint8 [H, W], at the size of the input; only on frames
          where objects are introduced.
        - ``gt_mask``: Ground truth for the metrics, uint8 [H0, W0] at the size on disk; only where it exists.
        - ``pred_mask``: The result, uint8 [H0, W0], ids as on disk.
        - ``scores``: The probabilities behind it, float32 [K + 1, H0, W0], background first, where a model was asked to
          keep them; meta information ``score_ids`` (tuple of int) names the K objects.
        - ``matches``: A :class:`~vosreg.structures.Matches`, where a model was asked to record them.

    Meta information:

        - ``video`` (str), ``frame_index`` (int, from 0), ``frame_name`` (str, file stem), ``video_length`` (int),
          ``frame_path`` (str, empty if rendered), ``ori_shape`` ((H0, W0) on disk), ``object_ids`` (tuple of int:
          the ids that the video's given masks introduce, ascending), ``given_ids`` (tuple of int: the ids in the mask
          that is given with this frame, at its size on disk), ``result_wanted`` (bool: whether the benchmark wants a
          result for this frame; False on some frames of YouTube-VOS only), ``categories`` (dict: object id ->
          category, where known), and, if the video is rendered, ``scene``, which knows the exact motion (see
          :meth:`vosreg.datasets.synthetic.SceneRecipe.trace`).
        - Clips instead: ``video``, ``frame_ids`` (tuple of int), ``num_objects`` (int).
    """
