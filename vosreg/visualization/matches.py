"""Where in memory the pixels of a frame find their matches: lines from a query frame to its memory frames."""
from typing import Dict, Sequence

import numpy as np

from .canvas import Canvas
from .match_panels import (
    GAP,
    HEADER,
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

QUERY_HEIGHT, FAN_WIDTH = 640, 72


def draw_matches(query: ShownFrame, memory: Dict[int, ShownFrame], points: np.ndarray, panels: Sequence[PointMatches],
                 top_k: int = 5) -> np.ndarray:
    """Draw lines from pixels of a query frame, at the left, to their matches in memory frames, at the right.

    Each model has a row. The more affinity a match has, the wider and the less transparent is its line; its colour
    says whether it is right. Over a memory frame stands its share of the points' affinity mass.

    Args:
        query: The query frame.
        memory: The memory frames to show, by index; matches in others are not drawn.
        points: (x, y) in pixels of the query frame, int64 [P, 2].
        panels: The matches of the points, by model.
        top_k: How many of a point's best matches are drawn.

    Returns:
        RGB uint8.
    """
    ratio = query.image.shape[1] / query.image.shape[0]
    small_height = (QUERY_HEIGHT - GAP * (len(memory) - 1)) // len(memory)
    sizes = [(max(1, round(height * ratio)), height) for height in (QUERY_HEIGHT, small_height)]
    memory_left = MARGIN + sizes[0][0] + FAN_WIDTH
    row_height = HEADER + QUERY_HEIGHT
    width = max(memory_left + sizes[1][0], LEGEND_WIDTH) + MARGIN
    canvas = Canvas(width, len(panels) * row_height + LEGEND_HEIGHT)
    for number, panel in enumerate(panels):
        top = number * row_height + HEADER
        write_header(canvas, panel, MARGIN, top - HEADER)
        canvas.paste(dim_frame(query, sizes[0]), MARGIN, top)
        tops = {index: top + place * (small_height + GAP) for place, index in enumerate(memory)}
        for index, frame in memory.items():
            canvas.paste(dim_frame(frame, sizes[1]), memory_left, tops[index])
        starts = to_picture(points, query.image.shape, sizes[0]) + (MARGIN, top)
        centres = panel.grid.centres(sizes[1][::-1]).reshape(-1, 2).numpy() + 0.5
        _draw_lines(canvas, panel, starts, centres[panel.locations] + (memory_left, 0), tops, top_k)
        draw_points(canvas, starts)
        _write_caption(canvas, MARGIN, top, f'frame {query.name}')
        for index, frame in memory.items():
            share = panel.mass(index).mean()
            _write_caption(canvas, memory_left, tops[index], f'memory {frame.name}', f'{100 * share:.0f} %')
    write_legend(canvas, MARGIN, len(panels) * row_height + LEGEND_HEIGHT // 2)
    return canvas.render()


def _write_caption(canvas: Canvas, left: int, top: int, *lines: str) -> None:
    for number, line in enumerate(lines):
        canvas.write(line, left + 8, top + 14 + 17 * number, colour='white', outlined=True)


def _draw_lines(canvas: Canvas, panel: PointMatches, starts: np.ndarray, ends: np.ndarray, tops: Dict[int, int],
                top_k: int) -> None:
    """Lines from [P, 2] to [P, k, 2] where the match's frame has a place; the strongest are the topmost."""
    shown = np.isin(panel.frames, list(tops)) & (np.arange(panel.frames.shape[1]) < top_k)
    rows, ranks = np.nonzero(shown)
    order = np.argsort(panel.weights[rows, ranks], kind='stable')
    rows, ranks = rows[order], ranks[order]
    strength = np.sqrt(panel.weights[rows, ranks])
    ends = ends[rows, ranks] + [(0, tops[frame]) for frame in panel.frames[rows, ranks].tolist()]
    colours = np.column_stack([VERDICT_COLOURS[panel.verdicts[rows, ranks]], 0.25 + 0.75 * strength])
    canvas.draw_lines(starts[rows], ends, colours, 0.8 + 3.2 * strength)
    canvas.draw_discs(ends, 1.5 + 3.5 * strength, colours, [(1, 1, 1, opacity) for opacity in colours[:, 3]])
