"""Scores on disk, to be merged with those of other runs."""
from pathlib import Path
from typing import Sequence

from mmengine.hooks import Hook

from vosreg.fileio import BackgroundWriter, write_scores
from vosreg.registry import HOOKS
from vosreg.structures import VOSDataSample


@HOOKS.register_module()
class SaveScoresHook(Hook):
    """Write the probabilities of tested frames to ``OUT_DIR/VIDEO/FRAME.npz``, where the benchmark wants a result.

    Needs a model that keeps them (``test_cfg=dict(keep_scores=True)``); ``tools/test.py --save-scores`` sets both, and
    ``tools/merge_scores.py`` makes masks of several runs.

    Args:
        out_dir: Where to write.
    """

    def __init__(self, out_dir: str) -> None:
        self.out_dir = Path(out_dir)
        self._writer = BackgroundWriter()

    def after_test_iter(self, runner, batch_idx: int, data_batch: dict, outputs: Sequence[VOSDataSample]) -> None:
        """Write the scores of the frames while the next ones are segmented; the last of a video waits for all."""
        for sample in outputs:
            if 'scores' not in sample:
                raise ValueError(f'frame {sample.frame_name!r} of the video {sample.video!r} has no scores to save; '
                                 'model.test_cfg.keep_scores=True keeps those of a model that has some')
            if sample.result_wanted:
                self._writer.submit(write_scores, self.out_dir / sample.video / f'{sample.frame_name}.npz',
                                    sample.scores.cpu().numpy(), sample.score_ids)
            if sample.frame_index == sample.video_length - 1:
                self._writer.finish()
