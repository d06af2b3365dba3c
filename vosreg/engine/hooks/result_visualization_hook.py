"""Pictures of what the model segments."""
from contextlib import ExitStack
from pathlib import Path
from typing import Optional, Sequence

import cv2
import numpy as np
from mmengine.hooks import Hook

from vosreg.fileio import VideoWriter, write_image
from vosreg.registry import HOOKS
from vosreg.structures import VOSDataSample
from vosreg.visualization import overlay_mask


@HOOKS.register_module()
class ResultVisualizationHook(Hook):
    """Draw the predicted masks over the frames during validation and testing.

    Without ``show_dir`` every ``interval``-th frame of a video goes to ``WORK_DIR/vis/VIDEO/FRAME.jpg``
    (``WORK_DIR/vis/iter_N/VIDEO/FRAME.jpg`` in a validation during training). With ``show_dir``, as
    ``tools/test.py --show-dir`` sets it, every frame of a test is drawn to ``SHOW_DIR/VIDEO/FRAME.jpg`` and the video
    to ``SHOW_DIR/VIDEO.mp4``.

    Args:
        interval: Draw every ``interval``-th frame of a video; 0 draws none.
        show_dir: Where a test draws every frame.
        fps: Frames a second of the videos.
    """

    def __init__(self, interval: int = 50, show_dir: Optional[str] = None, fps: float = 24) -> None:
        self.interval = interval
        self.show_dir = Path(show_dir) if show_dir else None
        self.fps = fps
        self._video = ''
        self._stack = ExitStack()
        self._writer: Optional[VideoWriter] = None

    def after_val_iter(self, runner, batch_idx: int, data_batch: dict, outputs: Sequence[VOSDataSample]) -> None:
        """Draw the frames whose turn it is."""
        self._draw_sparsely(Path(runner.work_dir, 'vis', f'iter_{runner.iter}'), data_batch, outputs)

    def after_test_iter(self, runner, batch_idx: int, data_batch: dict, outputs: Sequence[VOSDataSample]) -> None:
        """Draw every frame, or those whose turn it is."""
        if self.show_dir is None:
            self._draw_sparsely(Path(runner.work_dir, 'vis'), data_batch, outputs)
            return
        for image, sample in zip(data_batch['inputs'], outputs):
            drawing = _draw(image, sample)
            write_image(self.show_dir / sample.video / f'{sample.frame_name}.jpg', drawing)
            self._write_video(sample, drawing)

    def after_test_epoch(self, runner, metrics: Optional[dict] = None) -> None:
        """Finish the last video."""
        self._stack.close()
        self._video = ''

    def _draw_sparsely(self, folder: Path, data_batch: dict, outputs: Sequence[VOSDataSample]) -> None:
        for image, sample in zip(data_batch['inputs'], outputs):
            if self.interval and sample.frame_index % self.interval == 0:
                write_image(folder / sample.video / f'{sample.frame_name}.jpg', _draw(image, sample))

    def _write_video(self, sample: VOSDataSample, drawing: np.ndarray) -> None:
        if sample.video != self._video:
            self._stack.close()
            self._writer = self._stack.enter_context(VideoWriter(self.show_dir / f'{sample.video}.mp4', self.fps))
            self._video = sample.video
        self._writer.write(drawing)


def _draw(image, sample: VOSDataSample) -> np.ndarray:
    """The prediction over the frame [3, H, W], at the size of the file: RGB uint8 [H0, W0, 3]."""
    height, width = sample.ori_shape
    frame = cv2.resize(image.permute(1, 2, 0).cpu().numpy(), (width, height), interpolation=cv2.INTER_LINEAR)
    return overlay_mask(frame, sample.pred_mask.cpu().numpy())
