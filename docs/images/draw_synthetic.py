"""Draw synthetic_vos.jpg: frames of rendered videos, below them their masks."""
from pathlib import Path

import numpy as np

from vosreg.datasets.synthetic import SceneRecipe, SyntheticScene
from vosreg.fileio import write_image
from vosreg.visualization import overlay_mask

VIDEOS = (19, 1, 5)
FRAMES = (4, 14)


def main() -> None:
    columns = []
    for number in VIDEOS:
        scene = SyntheticScene(SceneRecipe(
            seed=(0, 0, number), size=(180, 240), num_frames=24, num_objects=(2, 4), split='train', shadows=1))
        for t in FRAMES:
            image, mask = scene.render(t)
            columns.append(np.vstack([image, overlay_mask(image, mask)]))
    write_image(Path(__file__).with_name('synthetic_vos.jpg'), np.hstack(columns))


if __name__ == '__main__':
    main()
