"""Draw method.svg: how the parts of a method meet in one step."""
from pathlib import Path
from typing import Sequence, Tuple

import matplotlib
import matplotlib.pyplot as plt
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

# Text stays text: small, and searchable in a browser.
matplotlib.rcParams.update({'svg.fonttype': 'none', 'svg.hashsalt': 'vosreg', 'font.family': 'sans-serif'})

GREY, BLUE, GREEN, ORANGE = '#eceff1', '#bbdefb', '#c8e6c9', '#ffe0b2'
WIDTH, HEIGHT = 20, 6.5


def box(axes, centre: Tuple[float, float], title: str, detail: str, colour: str) -> None:
    """A part: its key in the config, and its class or shape."""
    x, y = centre
    corner = x - WIDTH / 2, y - HEIGHT / 2
    axes.add_patch(FancyBboxPatch(corner, WIDTH, HEIGHT, boxstyle='round,pad=0,rounding_size=1', facecolor=colour,
                                  edgecolor='#546e7a', linewidth=1))
    axes.text(x, y + 1, title, ha='center', va='center', fontsize=10, fontweight='bold')
    axes.text(x, y - 1.5, detail, ha='center', va='center', fontsize=8, color='#37474f')


def arrow(axes, points: Sequence[Tuple[float, float]], label: str = '', at: Tuple[float, float] = (0, 0)) -> None:
    """An arrow along some points, with what it carries."""
    for start, end in zip(points[:-1], points[1:]):
        head = '-|>' if end == points[-1] else '-'
        axes.add_patch(FancyArrowPatch(start, end, arrowstyle=head, mutation_scale=11, color='#546e7a', linewidth=1.2,
                                       shrinkA=0, shrinkB=0))
    axes.text(*at, label, ha='center', va='center', fontsize=8, color='#1a237e')


def main() -> None:
    figure, axes = plt.subplots(figsize=(12, 4.6))
    axes.set(xlim=(0, 142), ylim=(0, 50))
    axes.axis('off')
    query, write = 38, 12

    box(axes, (11, query), 'frame t', '[B, 3, H, W]', GREY)
    box(axes, (41, query), 'key_encoder', 'KeyEncoder', BLUE)
    box(axes, (71, query), 'memory: read', 'weighted by affinity', GREEN)
    box(axes, (101, query), 'head', 'ReadoutHead', BLUE)
    box(axes, (131, query), 'aggregate', 'sums to 1 in a pixel', GREY)
    arrow(axes, [(21, query), (31, query)])
    arrow(axes, [(51, query), (61, query)], 'key\n[B, Ck, h, w]', (56, query + 5.5))
    arrow(axes, [(81, query), (91, query)], 'readout\n[B, N, Cv, h, w]', (86, query + 5.5))
    arrow(axes, [(111, query), (121, query)], 'logits\n[B, N, H/4, W/4]', (116, query + 5.5))
    arrow(axes, [(41, query + 3.2), (41, 48), (101, 48), (101, query + 3.2)],
          'context [B, Cc, h, w], pyramid at strides 4 and 8', (71, 49.5))

    box(axes, (41, write), 'value_encoder', 'ValueEncoder', BLUE)
    box(axes, (71, write), 'memory: write', 'keys and values', GREEN)
    box(axes, (118, 25), 'losses', 'in training', ORANGE)
    box(axes, (11, 25), 'correspondence', 'in training', ORANGE)
    arrow(axes, [(51, write), (61, write)], 'value\n[B, N, Cv, h, w]', (56, write + 5.5))
    arrow(axes, [(71, write + 3.2), (71, query - 3.2)], 'past frames', (77.5, 25))
    arrow(axes, [(11, query - 3.2), (11, 31), (25, 31), (25, write + 1.3), (31, write + 1.3)])
    arrow(axes, [(41, query - 3.2), (41, write + 3.2)], 'pyramid at\nstride 16', (47, 25))
    arrow(axes, [(138, query - 3.2), (138, 4), (25, 4), (25, write - 1.3), (31, write - 1.3)],
          'masks [B, N, H, W] of a memory frame: given or predicted', (82, 5.5))
    arrow(axes, [(124, query - 3.2), (124, 28.2)])
    arrow(axes, [(35, query - 3.2), (35, 25), (21, 25)], 'keys', (29.5, 26.3))

    figure.savefig(Path(__file__).with_name('method.svg'), bbox_inches='tight', metadata={'Date': None})


if __name__ == '__main__':
    main()
