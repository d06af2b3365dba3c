"""A rendered video: textured objects of random shape move over a moving background."""
from dataclasses import dataclass
from functools import lru_cache
from typing import List, Tuple

import cv2
import numpy as np

from .layers import Layer, background_layer, object_layer


@dataclass(frozen=True)
class SceneRecipe:
    """All that a scene follows from; small, picklable, and the key of the cache of scenes.

    Attributes:
        seed: Seed of everything random.
        size: (height, width) of the frames in pixels.
        num_frames: Length of the video.
        num_objects: Least and most annotated objects.
        split: ``train`` or ``val``, whose textures differ.
        clean: No lighting change, blur or noise: the picture of a surface point is the same in every frame.
    """
    seed: Tuple[int, ...]
    size: Tuple[int, int]
    num_frames: int
    num_objects: Tuple[int, int]
    split: str
    clean: bool = False


class SyntheticScene:
    """Layers in order of depth, rendered at any time, with the exact flow between any two times.

    Some objects are distractors: painted and moving like the others, but not annotated. Objects that are hardly
    visible in frame 0 become distractors too, so every annotated object can be given there.

    Args:
        recipe: What to build.
    """
    # An object counts as visible in frame 0 if it covers this share of the frame.
    MIN_AREA = 0.004

    def __init__(self, recipe: SceneRecipe) -> None:
        self.recipe = recipe
        rng = np.random.default_rng(recipe.seed)
        height, width = recipe.size
        self._rows, self._columns = np.mgrid[:height, :width].astype(np.float32)
        self.layers: List[Layer] = [background_layer(rng, recipe.size, recipe.num_frames, recipe.split)]
        num_objects = int(rng.integers(recipe.num_objects[0], recipe.num_objects[1] + 1))
        num_distractors = int(rng.choice([0, 1, 2], p=[0.5, 0.35, 0.15]))
        for _ in range(num_objects + num_distractors):
            self.layers.append(object_layer(rng, recipe.size, self.layers, recipe.split))
        self._shake = rng.normal(0, rng.choice([0, 0.4, 1.2], p=[0.5, 0.3, 0.2]), (recipe.num_frames, 2))
        self._ids = self._assign_ids(rng, num_objects)
        self._light = rng.uniform(0, 0.15), rng.uniform(0.05, 0.4), rng.uniform(0, 2 * np.pi)
        self._shutter = rng.uniform(0, 0.8) * (rng.random() < 0.4)
        self._softness = rng.uniform(0.4, 1.0) * (rng.random() < 0.3)
        self._noise = rng.uniform(0, 6)

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
        background, *objects = self.layers
        canvas = background.sample_texture(*self._to_layer(background, t, self._columns, self._rows))
        top = np.zeros(self.recipe.size, np.uint8)
        for number, layer in enumerate(objects, 1):
            box = layer.box(t, self.recipe.size, self._shake[t])
            if not self._rows[box].size:
                continue
            u, v = self._to_layer(layer, t, self._columns[box], self._rows[box])
            distance = layer.sample_distance(u, v)
            # The edge is soft over one pixel.
            alpha = np.clip(distance * layer.motion.scale(t) + 0.5, 0, 1)[..., None]
            canvas[box] += alpha * (layer.sample_texture(u, v) - canvas[box])
            top[box][distance > 0] = number
        image = canvas if self.recipe.clean else self._photograph(canvas, t)
        return np.clip(image + 0.5, 0, 255).astype(np.uint8), self._ids[top]

    def flow(self, t1: int, t2: int) -> Tuple[np.ndarray, np.ndarray]:
        """The exact dense flow between two frames.

        Args:
            t1: Frame whose pixels are followed.
            t2: Frame where they are looked for.

        Returns:
            Flow (dx, dy) in pixels, float32 [H, W, 2], and whether the surface point seen in ``t1`` is inside of
            frame ``t2`` and not hidden there, bool [H, W].
        """
        top = self._top_layer(t1, self._columns, self._rows)
        x, y = self._columns.astype(np.float64), self._rows.astype(np.float64)
        target_x, target_y = np.empty_like(x), np.empty_like(y)
        for number, layer in enumerate(self.layers):
            seen = top == number
            u, v = self._to_layer(layer, t1, x[seen], y[seen])
            target_x[seen], target_y[seen] = layer.motion.to_frame(t2, u, v)
        target_x, target_y = target_x + self._shake[t2][0], target_y + self._shake[t2][1]
        height, width = self.recipe.size
        inside = (abs(target_x - (width - 1) / 2) <= width / 2) & (abs(target_y - (height - 1) / 2) <= height / 2)
        visible = inside & (self._top_layer(t2, target_x, target_y) == top)
        return np.stack([target_x - x, target_y - y], axis=-1).astype(np.float32), visible

    def _to_layer(self, layer: Layer, t: int, x: np.ndarray, y: np.ndarray):
        shake_x, shake_y = self._shake[t].tolist()
        return layer.motion.to_layer(t, x - shake_x, y - shake_y)

    def _top_layer(self, t: int, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Number of the layer seen at each position (x, y) of frame t."""
        top = np.zeros(x.shape, np.uint8)
        for number, layer in enumerate(self.layers[1:], 1):
            u, v = self._to_layer(layer, t, x, y)
            top[layer.sample_distance(u, v) > 0] = number
        return top

    def _assign_ids(self, rng: np.random.Generator, num_objects: int) -> np.ndarray:
        """Layer number -> object id, 0 for background and distractors."""
        areas = np.bincount(self._top_layer(0, self._columns, self._rows).ravel(), minlength=len(self.layers))
        visible = [i for i in range(1, len(self.layers)) if areas[i] >= self.MIN_AREA * areas.sum()]
        if not visible:
            visible = [int(areas[1:].argmax()) + 1]
        ids = np.zeros(len(self.layers), np.uint8)
        chosen = rng.permutation(visible)[:num_objects]
        ids[chosen] = np.arange(1, len(chosen) + 1)
        return ids

    def _photograph(self, image: np.ndarray, t: int) -> np.ndarray:
        """Lighting, focus, motion blur and sensor noise of a camera."""
        strength, frequency, phase = self._light
        image = image * np.float32(1 + strength * np.sin(frequency * t + phase))
        if self._softness:
            image = cv2.GaussianBlur(image, (0, 0), self._softness)
        if self._shutter:
            image = cv2.filter2D(image, -1, self._motion_kernel(t))
        noise = np.random.default_rng((*self.recipe.seed, t)).standard_normal(image.shape[:2], np.float32)
        return image + self._noise * noise[..., None]

    def _motion_kernel(self, t: int) -> np.ndarray:
        """A line along the camera's motion while the shutter is open."""
        background = self.layers[0].motion
        move = np.array([wave(t + 1) - wave(t) for wave in background.position])
        if t + 1 < len(self._shake):
            move = move + self._shake[t + 1] - self._shake[t]
        half = np.clip(0.5 * self._shutter * move, -4, 4)
        size = 2 * int(np.ceil(np.abs(half).max())) + 1
        kernel = np.zeros((size, size), np.float32)
        for share in np.linspace(-1, 1, 4 * size + 1):
            column, row = np.round(size // 2 + share * half).astype(int)
            kernel[row, column] += 1
        return kernel / kernel.sum()


@lru_cache(maxsize=8)
def build_scene(recipe: SceneRecipe) -> SyntheticScene:
    """The scene of a recipe; the last ones are kept, since the frames of a video are asked for one by one."""
    return SyntheticScene(recipe)
