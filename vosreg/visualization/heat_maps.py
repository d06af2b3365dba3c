"""Where in memory the affinity mass of single pixels lies: a heat map for each of them over each memory frame."""
from typing import Dict, Sequence, Tuple

import cv2
import numpy as np

from vosreg.structures import KeyGrid

from .canvas import Canvas
from .match_panels import (
    GAP,
    HEADER,
    HEADER_WIDTH,
    LEGEND_HEIGHT,
    LEGEND_WIDTH,
    MARGIN,
    VERDICT_COLOURS,
    PointMatches,
    ShownFrame,
    dim_frame,
    draw_points,
    to_picture,
    write_header,
    write_legend,
)

TILE_AREA, PANEL_GAP, NAMES_HEIGHT = 256 * 144, 28, 28


def spread_mass(mass: np.ndarray, grid: KeyGrid, size: Tuple[int, int]) -> np.ndarray:
    """Enlarge a map over locations to the picture of the image, bilinearly between the locations' centres.

    Args:
        mass: [..., h, w].
        grid: Where the locations lie.
        size: (width, height) of the picture.

    Returns:
        float32 [..., height, width].
    """
    left, top = grid.centres(size[::-1])[0, 0].tolist()
    cell = grid.stride * size[0] / grid.image_size[1], grid.stride * size[1] / grid.image_size[0]
    # From pixels of the picture to locations.
    matrix = np.array([[1 / cell[0], 0, -left / cell[0]], [0, 1 / cell[1], -top / cell[1]]])
    maps = [
        cv2.warpAffine(part, matrix, size, flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
                       borderMode=cv2.BORDER_REPLICATE)
        for part in mass.reshape(-1, *mass.shape[-2:]).astype(np.float32)
    ]
    return np.reshape(maps, (*mass.shape[:-2], *size[::-1]))


def blend_heat(image: np.ndarray, matches: PointMatches, point: int, frame: int) -> np.ndarray:
    """Draw where in a memory frame the affinity mass of a point lies, in the colours of right and wrong.

    The colour is opaque where the point's affinity is highest in all of memory, and fades with its square root.

    Args:
        image: The dimmed memory frame, RGB uint8 [H, W, 3].
        matches: The matches of all points.
        point: Number of the point.
        frame: Index of the memory frame.

    Returns:
        RGB uint8 [H, W, 3].
    """
    weights, verdicts, grid = matches.weights[point], matches.verdicts[point], matches.grid
    here = matches.frames[point] == frame
    mass = np.zeros((3, grid.size[0] * grid.size[1]))
    np.add.at(mass, (verdicts[here], matches.locations[point][here]), weights[here])
    heat = spread_mass(mass.reshape(3, *grid.size), grid, image.shape[1::-1])
    total = heat.sum(0)[..., None]
    colour = 255 * np.tensordot(heat, VERDICT_COLOURS, axes=(0, 0)) / np.maximum(total, 1e-9)
    opacity = np.sqrt(total / weights.max()).clip(0, 1)
    return (image * (1 - opacity) + colour * opacity).round().astype(np.uint8)


def tile_size(shape: Sequence[int]) -> Tuple[int, int]:
    """(width, height) of each picture, which all have about the same area, of frames of a shape (H, W, ...)."""
    return tuple(max(1, round((TILE_AREA * side / other)**0.5)) for side, other in (shape[1::-1], shape[:2]))


def draw_heat_maps(query: ShownFrame, memory: Dict[int, ShownFrame], points: np.ndarray,
                   panels: Sequence[PointMatches]) -> np.ndarray:
    """Draw a row for each point: the query frame, then heat maps over the memory frames, for one model after another.

    A ring marks the best match. In the corner of each heat map stands the share of the point's affinity mass that lies
    in this frame, and at the end of the row the share in frames that are not shown.

    Args:
        query: The query frame.
        memory: The memory frames to show, by index.
        points: (x, y) in pixels of the query frame, int64 [P, 2].
        panels: The matches of the points, by model.

    Returns:
        RGB uint8.
    """
    size = tile_size(query.image.shape)
    panel_width = max(len(memory) * (size[0] + GAP), HEADER_WIDTH) + PANEL_GAP
    first_left, top = MARGIN + size[0] + PANEL_GAP, HEADER + NAMES_HEIGHT
    tops = [top + row * (size[1] + GAP) for row in range(len(points))]
    bottom = tops[-1] + size[1]
    width = max(first_left + len(panels) * panel_width - PANEL_GAP - GAP, LEGEND_WIDTH) + MARGIN
    canvas = Canvas(width, bottom + LEGEND_HEIGHT)
    _draw_query(canvas, query, points, size, tops)
    for number, panel in enumerate(panels):
        left = first_left + number * panel_width
        write_header(canvas, panel, left, 0)
        for place, (index, frame) in enumerate(memory.items()):
            _draw_column(canvas, panel, index, frame, size, left + place * (size[0] + GAP), tops)
        right = left + len(memory) * (size[0] + GAP) - GAP - 6
        for row_top, share in zip(tops, 1 - sum(panel.mass(index) for index in memory)):
            _write_share(canvas, share, right, row_top, before='elsewhere ', align='right')
    write_legend(canvas, MARGIN, bottom + LEGEND_HEIGHT // 2)
    return canvas.render()


def _draw_query(canvas: Canvas, query: ShownFrame, points: np.ndarray, size: Tuple[int, int], tops: Sequence[int]
                ) -> None:
    """The query frame, again for each point."""
    canvas.write(f'frame {query.name}', MARGIN, tops[0] - NAMES_HEIGHT // 2)
    picture = dim_frame(query, size, outline=0.4)
    centres = to_picture(points, query.image.shape, size)
    for row, top in enumerate(tops):
        canvas.paste(picture, MARGIN, top)
        draw_points(canvas, centres[row:row + 1] + (MARGIN, top), first=row + 1)


def _draw_column(canvas: Canvas, panel: PointMatches, index: int, frame: ShownFrame, size: Tuple[int, int], left: int,
                 tops: Sequence[int]) -> None:
    """The heat maps of all points over one memory frame, below each other."""
    canvas.write(f'memory {frame.name}', left, tops[0] - NAMES_HEIGHT // 2)
    background = dim_frame(frame, size, brightness=0.45, saturation=0, outline=0.4)
    best = panel.grid.centres(size[::-1]).reshape(-1, 2).numpy()[panel.locations[:, 0]] + 0.5
    for point, (top, share) in enumerate(zip(tops, panel.mass(index))):
        canvas.paste(blend_heat(background, panel, point, index), left, top)
        if panel.frames[point, 0] == index:
            canvas.draw_discs([best[point] + (left, top)], [9], ['none'], [VERDICT_COLOURS[panel.verdicts[point, 0]]])
        _write_share(canvas, share, left + 6, top)


def _write_share(canvas: Canvas, share: float, x: int, top: int, before: str = '', align: str = 'left') -> None:
    if share >= 0.005:
        canvas.write(f'{before}{100 * share:.0f} %', x, top + 13, colour='white', align=align, outlined=True)
