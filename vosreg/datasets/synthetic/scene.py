"""A rendered video: textured figures move over a moving background."""
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from typing import List, Tuple

import numpy as np

from .camera import CameraMotion, Photography
from .casting import Stage, background_layer, cast_actors, choose_places, figure_layers, occluder_layers
from .layers import Layer
from .pictures import find_pictures
from .shadows import Sun

# Number of the figure in front of all others.
OCCLUDER = 255


@dataclass(frozen=True)
class SceneRecipe:
    """All that a scene follows from; small, picklable, and the key of the cache of scenes.

    Attributes:
        seed: Seed of everything random.
        size: (height, width) of the frames in pixels.
        num_frames: Length of the video.
        num_objects: Least and most annotated objects.
        split: ``train`` or ``val``, whose pictures differ.
        clean: No lighting change, shadow, blur or noise: the picture of a surface point is the same in every frame.
        shadows: Probability that the figures of the scene cast shadows; nothing else of the scene depends on it.
        pictures: A folder of pictures, see :func:`find_pictures`; empty for none besides those of scikit-image.
    """
    seed: Tuple[int, ...]
    size: Tuple[int, int]
    num_frames: int
    num_objects: Tuple[int, int]
    split: str
    clean: bool = False
    shadows: float = 0
    pictures: str = ''

    def trace(self, t1: int, t2: int, points: np.ndarray) -> Tuple[np.ndarray, np.ndarray]:
        """See :meth:`SyntheticScene.trace`."""
        return build_scene(self).trace(t1, t2, points)


class SyntheticScene:
    """Layers in order of depth, rendered at any time, with the exact flow between any two times.

    Some figures are distractors: painted and moving like the others, but not annotated. Those that are hardly visible
    in frame 0 become distractors too, so every annotated object can be given there.

    Args:
        recipe: What to build.
    """
    # A figure counts as visible in frame 0 if it covers this share of the frame.
    MIN_AREA = 0.002

    def __init__(self, recipe: SceneRecipe) -> None:
        self.recipe = recipe
        rng = np.random.default_rng(recipe.seed)
        sun_rng, = rng.spawn(1)
        shaded = sun_rng.random() < recipe.shadows and not recipe.clean
        self._sun = Sun.draw(sun_rng, min(recipe.size)) if shaded else None
        camera = CameraMotion(rng, recipe.size, recipe.num_frames)
        pictures = find_pictures(recipe.split, recipe.pictures)
        self._stage = Stage(rng, recipe.size, recipe.num_frames, pictures, camera)
        self._photography = None if recipe.clean else Photography(rng, recipe.size, recipe.num_frames)
        num_objects = int(rng.integers(recipe.num_objects[0], recipe.num_objects[1] + 1))
        background = background_layer(self._stage)
        visible: List[int] = []
        while len(visible) < recipe.num_objects[0]:
            self.layers = [background, *self._draw_figures(num_objects, background.texture)]
            visible = self._visible_figures()
        self._ids = np.zeros(256, np.uint8)
        chosen = rng.permutation(visible)[:num_objects]
        self._ids[chosen] = np.arange(1, len(chosen) + 1)

    @property
    def object_ids(self) -> Tuple[int, ...]:
        """Ids of the annotated objects, 1..N."""
        return tuple(range(1, int(self._ids.max()) + 1))

    def render(self, t: int) -> Tuple[np.ndarray, np.ndarray]:
        """Render a frame.

        Args:
            t: Frame, 0..num_frames - 1; any order gives the same pictures.

        Returns:
            RGB uint8 [H, W, 3] and index mask uint8 [H, W], 0 where no annotated object is on top.
        """
        canvas = np.empty((*self.recipe.size, 3), np.float32)
        top = np.zeros(self.recipe.size, np.uint8)
        for figure, parts in groupby(self.layers, key=lambda layer: layer.figure):
            parts = list(parts)
            if self._sun and 0 < figure < OCCLUDER:
                self._sun.cast(parts, t, canvas)
            for layer in parts:
                layer.paint(t, canvas, top, self._photography.shutter if self._photography else 0)
        if self._photography:
            canvas = self._photography.develop(canvas, t, np.random.default_rng((*self.recipe.seed, t)))
        return np.clip(canvas + 0.5, 0, 255).astype(np.uint8), self._ids[top]

    def flow(self, t1: int, t2: int) -> Tuple[np.ndarray, np.ndarray]:
        """The exact dense flow between two frames.

        Args:
            t1: Frame whose pixels are followed.
            t2: Frame where they are looked for.

        Returns:
            Flow (dx, dy) in pixels, float32 [H, W, 2], and whether the surface point seen in ``t1`` is inside of
            frame ``t2`` and not hidden there, bool [H, W].
        """
        height, width = self.recipe.size
        points = np.stack(np.meshgrid(np.arange(width), np.arange(height)), axis=-1).astype(np.float64)
        targets, visible = self.trace(t1, t2, points)
        return (targets - points).astype(np.float32), visible

    def trace(self, t1: int, t2: int, points: np.ndarray) -> Tuple[np.ndarray, np.ndarray]:
        """Follow the surface points that are seen at some positions of a frame.

        Args:
            t1: Frame in which the points are seen.
            t2: Frame where they are looked for.
            points: Positions (x, y) in pixels, pixel centres at integers, float64 [h, w, 2] for any h and w.

        Returns:
            Positions in ``t2``, float64 [h, w, 2], and whether they are inside of the frame and not hidden there, bool
            [h, w].
        """
        height, width = self.recipe.size
        x, y = points[..., 0], points[..., 1]
        seen = self._top_layer(t1, x, y)
        target_x, target_y = np.empty_like(x), np.empty_like(y)
        for number in np.unique(seen):
            here, motion = seen == number, self.layers[number].motion
            target_x[here], target_y[here] = motion.to_frame(t2, *motion.to_layer(t1, x[here], y[here]))
        inside = (abs(target_x - (width - 1) / 2) <= width / 2) & (abs(target_y - (height - 1) / 2) <= height / 2)
        visible = inside & (self._top_layer(t2, target_x, target_y) == seen)
        return np.stack([target_x, target_y], axis=-1), visible

    def _top_layer(self, t: int, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Number of the layer seen at each position (x, y) of frame t, int64 like the positions."""
        top = np.zeros(x.shape, np.int64)
        for number, layer in enumerate(self.layers):
            top[layer.covers(t, x, y)] = number
        return top

    def _draw_figures(self, num_objects: int, backdrop: np.ndarray) -> List[Layer]:
        rng, short = self._stage.rng, min(self.recipe.size)
        count = num_objects + int(rng.choice([0, 1, 2, 3], p=[0.45, 0.3, 0.15, 0.1]))
        largest = 0.6 / count**0.3
        radii = (short * np.exp(rng.uniform(np.log(0.07), np.log(largest), count))).tolist()
        places = choose_places(self._stage, radii)
        actors = cast_actors(self._stage, count, backdrop)
        layers: List[Layer] = []
        for figure, (actor, place, radius) in enumerate(zip(actors, places, radii), 1):
            layers += figure_layers(self._stage, actor, figure, place, radius)
        if rng.random() < 0.15:
            layers += occluder_layers(self._stage, backdrop, OCCLUDER)
        return layers

    def _visible_figures(self) -> List[int]:
        """Numbers of the figures that cover enough of frame 0; the occluder is never annotated."""
        canvas, top = np.empty((*self.recipe.size, 3), np.float32), np.zeros(self.recipe.size, np.uint8)
        for layer in self.layers:
            layer.paint(0, canvas, top, 0)
        areas = np.bincount(top.ravel(), minlength=256)[1:OCCLUDER]
        return (np.flatnonzero(areas >= self.MIN_AREA * top.size) + 1).tolist()


@lru_cache(maxsize=8)
def build_scene(recipe: SceneRecipe) -> SyntheticScene:
    """The scene of a recipe; the last ones are kept, since the frames of a video are asked for one by one."""
    return SyntheticScene(recipe)
