"""Filling a scene: its background and its figures, with their looks and ways."""
from typing import List, NamedTuple, Sequence, Tuple, Union

import cv2
import numpy as np

from .camera import CameraMotion
from .cutouts import Cutout, draw_cutout, fit
from .figures import Part, post, random_figure
from .layers import Layer
from .motion import Bends, Motion, linear_maps, random_bend, translations, wave
from .pictures import Pictures
from .shapes import distance_field, star
from .textures import mix, random_texture, region, skin_texture, view

Size = Tuple[int, int]
# Side of the textures of an outfit.
CLOTH = (144, 144)
# Where there are pictures of them: how many backdrops are whole photographs, and how many figures are cut-outs.
SCENE_SHARE = 0.6
CUTOUT_SHARE = 0.6


class Stage(NamedTuple):
    """What all layers of a scene have in common."""
    rng: np.random.Generator
    size: Size
    num_frames: int
    pictures: Pictures
    camera: CameraMotion


class Role(NamedTuple):
    """Who plays: a figure's parts, and the textures of its materials MAIN, SECOND and SKIN."""
    parts: List[Part]
    outfit: List[np.ndarray]


Actor = Union[Role, Cutout]


def background_layer(stage: Stage) -> Layer:
    """A backdrop larger than the frame: ground and wall, clutter, more or less in focus."""
    rng, size = stage.rng, stage.size
    canvas_size = tuple(round(1.35 * n) for n in size)
    texture = _backdrop(stage, canvas_size)
    for _ in range(rng.integers(1, 9) if rng.random() < 0.5 else 0):
        _add_clutter(rng, texture, stage.pictures)
    if rng.random() < 0.4:
        texture = cv2.GaussianBlur(texture, (0, 0), rng.uniform(0.7, 3))
    middle = (np.array(size[::-1]) - 1) / 2
    affine = stage.camera.matrices @ translations(stage.camera.pan + middle)
    bends = _bends(stage, 0.012 * size[0], 0.4 * size[0]) if rng.random() < 0.3 else None
    return Layer(Motion(affine, bends), texture, tuple(-(n - 1) / 2 for n in canvas_size[::-1]))


def _backdrop(stage: Stage, size: Size) -> np.ndarray:
    """What is painted on the background, uint8 [h, w, 3]."""
    rng, pictures = stage.rng, stage.pictures
    if pictures.scenes and rng.random() < SCENE_SHARE:
        return view(rng, size, pictures.scenes[int(rng.integers(len(pictures.scenes)))])
    texture = random_texture(rng, size, pictures)
    if rng.random() < 0.5:
        texture = mix(texture, random_texture(rng, size, pictures), region(rng, size))
    return texture


def _add_clutter(rng: np.random.Generator, texture: np.ndarray, pictures: Pictures) -> None:
    """Paint a still thing on the backdrop, in place."""
    scale = rng.uniform(0.03, 0.2) * texture.shape[0]
    distance, _ = distance_field(star(rng, (0, 0), 1), scale)
    height, width = np.minimum(distance.shape, texture.shape[:2]).tolist()
    top, left = rng.integers(0, np.subtract(texture.shape[:2], (height, width)) + 1)
    window = texture[top:top + height, left:left + width]
    share = np.clip(distance[:height, :width] + 0.5, 0, 1)
    window[:] = mix(window, random_texture(rng, (height, width), pictures), share)


def cast_actors(stage: Stage, count: int, backdrop: np.ndarray) -> List[Actor]:
    """Draw who plays. Some look like another one or like the backdrop: they tell matching from guessing."""
    rng, actors = stage.rng, []
    for _ in range(count):
        twin = actors[int(rng.integers(len(actors)))] if actors and rng.random() < 0.35 else None
        if isinstance(twin, Cutout):
            actors.append(twin)
        elif twin is not None:
            same_figure = rng.random() < 0.6
            actors.append(Role(twin.parts if same_figure else random_figure(rng), twin.outfit))
        elif stage.pictures.cutouts and rng.random() < CUTOUT_SHARE:
            actors.append(draw_cutout(rng, stage.pictures))
        else:
            actors.append(Role(random_figure(rng), _outfit(stage, backdrop)))
    return actors


def _outfit(stage: Stage, backdrop: np.ndarray) -> List[np.ndarray]:
    rng = stage.rng
    main = backdrop if rng.random() < 0.1 else random_texture(rng, CLOTH, stage.pictures)
    skin = skin_texture(rng, CLOTH) if rng.random() < 0.7 else random_texture(rng, CLOTH, stage.pictures)
    return [main, random_texture(rng, CLOTH, stage.pictures), skin]


def choose_places(stage: Stage, radii: Sequence[float]) -> np.ndarray:
    """Where the figures stand in frame 0, (x, y) in pixels [N, 2]: of a few random places, the one with most room."""
    rng, extent = stage.rng, np.array(stage.size[::-1])
    places: List[np.ndarray] = []
    for radius in radii:
        candidates = rng.uniform(0.1, 0.9, (3, 2)) * extent
        room = [
            min([np.hypot(*(c - place)) - radius - other for place, other in zip(places, radii)], default=0)
            for c in candidates
        ]
        places.append(candidates[int(np.argmax(room))])
    return np.array(places)


def figure_layers(stage: Stage, actor: Actor, figure: int, place: np.ndarray, radius: float) -> List[Layer]:
    """The layers of one figure, from far to near.

    Args:
        stage: The scene's common ground.
        actor: Who plays.
        figure: Its number, from 1.
        place: Its middle in frame 0, (x, y) in pixels.
        radius: Pixels a unit of the figure's coordinates in frame 0.
    """
    bends = _bends(stage, 0.12 * radius, 2.5 * radius)
    affine = _figure_motion(stage, place, radius)
    if isinstance(actor, Cutout):
        texture, distance, origin = fit(actor, radius)
        return [Layer(Motion(affine, bends), texture, origin, distance, figure)]
    return _dress(stage, actor, figure, radius, affine, bends)


def occluder_layers(stage: Stage, backdrop: np.ndarray, figure: int) -> List[Layer]:
    """A post near the camera, that passes by when the camera pans."""
    rng, (height, width) = stage.rng, stage.size
    path = np.array([rng.uniform(0, width), height / 2]) + rng.uniform(1, 2.5) * stage.camera.pan * (1, 0)
    ones = np.ones(stage.num_frames)
    affine = stage.camera.matrices @ translations(path) @ linear_maps(rng.normal(0, 0.08) * ones, ones, ones)
    return _dress(stage, Role(post(rng), _outfit(stage, backdrop)), figure, height, affine, None)


def _dress(stage: Stage, role: Role, figure: int, radius: float, affine: np.ndarray, bends: Bends) -> List[Layer]:
    """Cut, paint and joint the parts of a figure."""
    rng = stage.rng
    cloth_scale, light = rng.uniform(0.6, 1.8), rng.uniform(-0.35, 0.35, 2)
    layers = []
    for part in role.parts:
        distance, origin = distance_field(part.shape, radius)
        texture = _cut_cloth(rng, role.outfit[part.material], distance.shape, cloth_scale)
        angles = part.angles(stage.num_frames)
        motion = Motion(affine, bends, tuple(radius * p for p in part.pivot), angles if angles.any() else None)
        layers.append(Layer(motion, _shade(texture, distance, light, radius), origin, distance, figure))
    return layers


def _figure_motion(stage: Stage, place: np.ndarray, radius: float) -> np.ndarray:
    """Where the figure is, how it leans, comes nearer and turns its side to us, [T, 3, 3]."""
    rng, short, frames = stage.rng, min(stage.size), stage.num_frames
    t = np.arange(frames)
    speed = short * min(0.03, np.exp(rng.normal(np.log(0.006), 1)))
    angle = rng.uniform(0, 2 * np.pi)
    path = place + speed * np.array([np.cos(angle), 0.5 * np.sin(angle)]) * t[:, None]
    path += np.stack([wave(rng, frames, short * rng.uniform(0, 0.06)) for _ in range(2)], axis=-1)
    if rng.random() < 0.15:
        path += _excursion(stage, place, radius)
    # The camera follows half of the figures; the others pass by with the background, or faster where nearer.
    parallax = 0 if rng.random() < 0.5 else rng.uniform(0.7, 1.4)
    lean = rng.normal(0, 0.15) if rng.random() < 0.7 else rng.uniform(0, 2 * np.pi)
    turning = rng.normal(0, 0.06) if rng.random() < 0.2 else 0
    leans = lean + turning * t + wave(rng, frames, rng.uniform(0, 0.25))
    sizes = np.exp(np.clip(rng.normal(0, 0.012) * t + wave(rng, frames, rng.uniform(0, 0.12)), -0.7, 0.7))
    profile = np.clip(1 + wave(rng, frames, rng.uniform(0, 0.25)), 0.45, 1.3)
    mirror = rng.choice([-1, 1])
    return stage.camera.matrices @ translations(path + parallax * stage.camera.pan) @ linear_maps(
        leans, mirror * profile * sizes, sizes)


def _excursion(stage: Stage, place: np.ndarray, radius: float) -> np.ndarray:
    """Out of the frame by its nearer side and back again, a shift in pixels [T, 2]."""
    rng, width = stage.rng, stage.size[1]
    leftwards = place[0] < width / 2
    distance = (place[0] if leftwards else width - place[0]) + rng.uniform(0.8, 1.5) * radius
    duration = rng.uniform(0.4, 0.9) * stage.num_frames
    start = rng.uniform(0.05, 1) * (stage.num_frames - duration)
    progress = np.clip((np.arange(stage.num_frames) - start) / duration, 0, 1)
    shift = distance * np.sin(np.pi * progress)**2
    return np.stack([-shift if leftwards else shift, np.zeros_like(shift)], axis=-1)


def _bends(stage: Stage, amplitude: float, wavelength: float) -> Bends:
    return tuple(random_bend(stage.rng, stage.num_frames, amplitude, wavelength) for _ in range(2))


def _cut_cloth(rng: np.random.Generator, cloth: np.ndarray, size: Size, scale: float) -> np.ndarray:
    """A piece of a texture, uint8 [h, w, 3], from a random place, enlarged by ``scale``."""
    matrix = np.array([[1 / scale, 0, rng.uniform(0, cloth.shape[1])], [0, 1 / scale, rng.uniform(0, cloth.shape[0])]])
    return cv2.warpAffine(cloth, matrix, size[::-1], flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
                          borderMode=cv2.BORDER_REFLECT_101)


def _shade(texture: np.ndarray, distance: np.ndarray, light: np.ndarray, radius: float) -> np.ndarray:
    """Make a flat piece look round: lit from one side towards its edges."""
    slope_x = cv2.Sobel(distance, cv2.CV_32F, 1, 0, ksize=3, scale=1 / 8)
    slope_y = cv2.Sobel(distance, cv2.CV_32F, 0, 1, ksize=3, scale=1 / 8)
    falloff = np.exp(-np.clip(distance, 0, None) / (0.08 * radius))
    factor = 1 + falloff * (float(light[0]) * slope_x + float(light[1]) * slope_y)
    return cv2.multiply(texture, cv2.merge([np.clip(factor, 0.3, 1.7)] * 3), dtype=cv2.CV_8U)
