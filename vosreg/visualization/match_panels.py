"""What the drawings of matches share: the matches themselves, dimmed frames, numbered points, headers, a legend."""
from typing import List, NamedTuple, Optional, Sequence, Tuple

import cv2
import numpy as np

from vosreg.structures import KeyGrid

from .canvas import Canvas

# Of the colours of Okabe and Ito, which people with any kind of colour vision tell apart, those that stand out from
# dimmed images. By verdict: unknown, right, wrong (-1 is the last).
VERDICT_COLOURS = np.array([(0.78, 0.78, 0.78), (0.34, 0.71, 0.91), (0.84, 0.37, 0.00)])
VERDICT_NAMES = {1: 'same object', -1: 'another object or background', 0: 'no ground truth'}
BLACK, WHITE = (0, 0, 0), (1, 1, 1)

MARGIN, GAP, HEADER, LEGEND_HEIGHT = 16, 8, 60, 44
# Room for a header and for the legend.
HEADER_WIDTH, LEGEND_WIDTH = 440, 560


class ShownFrame(NamedTuple):
    """A frame to draw.

    Attributes:
        name: Its name.
        image: RGB uint8 [H, W, 3].
        mask: Index mask uint8 [H, W] whose borders are drawn, or None.
    """
    name: str
    image: np.ndarray
    mask: Optional[np.ndarray] = None


class PointMatches(NamedTuple):
    """What P pixels of a query frame are matched to in memory by one model, the best match first.

    Attributes:
        label: Name of the model.
        weights: Affinity, [P, k]; rows sum to 1.
        frames: Index of the memory frame, int64 [P, k]; -1 for none.
        locations: Location in that frame, int64 [P, k].
        verdicts: int8 [P, k]: 1 if the match is right, -1 if it is wrong, 0 if that is not known.
        grid: Where the locations lie.
    """
    label: str
    weights: np.ndarray
    frames: np.ndarray
    locations: np.ndarray
    verdicts: np.ndarray
    grid: KeyGrid

    def mass(self, frame: int) -> np.ndarray:
        """The affinity mass of each point in a memory frame, [P]."""
        return np.where(self.frames == frame, self.weights, 0).sum(1)

    def summary(self) -> str:
        """The share of the affinity mass and of the best matches that is right, of those that are known, in words."""
        right, wrong, unknown = (self.weights[self.verdicts == verdict].sum() for verdict in (1, -1, 0))
        if not right + wrong:
            return 'no ground truth'
        best, share = self.verdicts[:, 0], unknown / self.weights.sum()
        return (f'right: {100 * right / (right + wrong):.0f} % of the affinity, '
                f'{(best == 1).sum()} of {(best != 0).sum()} best matches'
                + (f' ({100 * share:.0f} % not known)' if share >= 0.005 else ''))


def most_matched_frames(panels: Sequence[PointMatches], number: int) -> List[int]:
    """The memory frames that hold most of the affinity mass of all points and models, in order of time."""
    frames = {frame for panel in panels for frame in np.unique(panel.frames).tolist() if frame >= 0}
    by_mass = sorted(frames, key=lambda frame: (-sum(panel.mass(frame).sum() for panel in panels), frame))
    return sorted(by_mass[:number])


def dim_frame(frame: ShownFrame, size: Tuple[int, int], brightness: float = 0.8,
              saturation: float = 0.6, outline: float = 0.7) -> np.ndarray:
    """A frame as a background for drawings: resized, darker and paler, with thin white borders around its objects.

    Args:
        frame: The frame.
        size: (width, height) of the result.
        brightness: Factor of all channels.
        saturation: 0 is grey, 1 keeps the colours.
        outline: Opacity of the borders.

    Returns:
        RGB uint8 [height, width, 3].
    """
    shrinks = size[0] < frame.image.shape[1]
    image = cv2.resize(frame.image, size, interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC)
    grey = cv2.cvtColor(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
    image = cv2.addWeighted(image, brightness * saturation, grey, brightness * (1 - saturation), 0)
    for i in np.unique(frame.mask[frame.mask > 0]) if frame.mask is not None else []:
        # Enlarged as a grey image, so that the border becomes smooth.
        region = cv2.resize((frame.mask == i).astype(np.float32), size, interpolation=cv2.INTER_LINEAR) > 0.5
        border = region & (cv2.erode(region.astype(np.uint8), np.ones((3, 3), np.uint8)) == 0)
        image[border] = (1 - outline) * image[border] + outline * 255
    return image


def to_picture(points: np.ndarray, shape: Sequence[int], size: Tuple[int, int]) -> np.ndarray:
    """Centres of pixels (x, y) of an image of a shape (H, W, ...), where they are when it is drawn in a size (w, h)."""
    return (points + 0.5) * (size[0] / shape[1], size[1] / shape[0])


def draw_points(canvas: Canvas, centres: np.ndarray, first: int = 1) -> None:
    """Numbered white discs."""
    canvas.draw_discs(centres, [9] * len(centres), [WHITE], [BLACK])
    for number, (x, y) in enumerate(centres, first):
        canvas.write(str(number), x, y, size=11, align='center', bold=True)


def write_header(canvas: Canvas, panel: PointMatches, x: int, top: int) -> None:
    """A model's name and, below it, how many of its matches are right."""
    canvas.write(panel.label, x, top + 18, size=15, bold=True)
    canvas.write(panel.summary(), x, top + 42)


def write_legend(canvas: Canvas, x: int, y: int) -> None:
    """What the colours mean."""
    for verdict, name in VERDICT_NAMES.items():
        canvas.draw_discs([(x + 7, y)], [6], [VERDICT_COLOURS[verdict]], [BLACK])
        canvas.write(name, x + 20, y)
        x += 50 + 7 * len(name)
