"""Pictures put together from images, with smooth lines and text over them."""
from itertools import count
from typing import Sequence, Tuple

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection, PatchCollection
from matplotlib.figure import Figure
from matplotlib.patches import Circle
from matplotlib.patheffects import withStroke
from matplotlib.transforms import Affine2D

Point = Tuple[float, float]
# At 72 dots an inch a point, the unit of Matplotlib's fonts and lines, is a pixel.
DOTS_PER_INCH = 72


class Canvas:
    """A white picture. Positions are (x, y) in pixels from its upper left corner, sizes are in pixels.

    Images keep their exact pixels; lines, discs and text are drawn over them by Matplotlib, the later over the
    earlier.

    Args:
        width: In pixels.
        height: In pixels.
    """

    def __init__(self, width: int, height: int) -> None:
        self._pixels = np.full((height, width, 3), 255, np.uint8)
        # Half a pixel more, since Matplotlib rounds down what it computes back from inches.
        inches = [(size + 0.5) / DOTS_PER_INCH for size in (width, height)]
        self._figure = Figure(figsize=inches, dpi=DOTS_PER_INCH)
        self._transform = Affine2D().scale(1, -1).translate(0, height)
        self._layers = count(1)

    def paste(self, image: np.ndarray, left: int, top: int) -> None:
        """Put an image, RGB uint8 [H, W, 3], with its upper left corner at (left, top)."""
        self._pixels[top:top + image.shape[0], left:left + image.shape[1]] = image

    def draw_lines(self, starts: Sequence[Point], ends: Sequence[Point], colours: Sequence[Sequence[float]],
                   widths: Sequence[float]) -> None:
        """Draw straight lines in colours RGB or RGBA in [0, 1], the first one lowest."""
        segments = np.stack([np.reshape(starts, (-1, 2)), np.reshape(ends, (-1, 2))], axis=1)
        self._figure.add_artist(LineCollection(
            segments, colors=colours, linewidths=widths, capstyle='round', transform=self._transform,
            snap=False, zorder=next(self._layers)))

    def draw_discs(self, centres: Sequence[Point], radii: Sequence[float], colours: Sequence[Sequence[float]],
                   edges: Sequence[Sequence[float]]) -> None:
        """Draw discs with thin edges, all in colours of Matplotlib, the first one lowest."""
        discs = [Circle(tuple(centre), radius) for centre, radius in zip(centres, radii)]
        self._figure.add_artist(PatchCollection(
            discs, facecolors=colours, edgecolors=edges, linewidths=1.2, transform=self._transform,
            snap=False, zorder=next(self._layers)))

    def write(self, text: str, x: float, y: float, size: float = 13, colour='black', align: str = 'left',
              bold: bool = False, outlined: bool = False) -> None:
        """Write a line of text.

        Args:
            text: The line.
            x: Its left end, middle or right end, as ``align`` says.
            y: The middle of its height.
            size: Of the font.
            colour: Any of Matplotlib's.
            align: 'left', 'center' or 'right'.
            bold: In bold letters.
            outlined: With a dark rim, for white text on images.
        """
        # A `$` is no formula: the names of videos and checkpoints may hold it.
        self._figure.text(
            x, y, text, transform=self._transform, fontsize=size, color=colour, ha=align, va='center_baseline',
            fontweight='bold' if bold else 'normal', parse_math=False,
            zorder=next(self._layers),
            path_effects=[withStroke(linewidth=2.5, foreground='black')] if outlined else None)

    def render(self) -> np.ndarray:
        """The picture so far, RGB uint8 [H, W, 3]."""
        background = self._figure.figimage(self._pixels, origin='upper', zorder=0)
        canvas = FigureCanvasAgg(self._figure)
        canvas.draw()
        background.remove()
        return np.asarray(canvas.buffer_rgba())[..., :3].copy()
