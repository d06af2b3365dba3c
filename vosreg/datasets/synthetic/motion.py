"""How a layer moves: maps between frame and layer that are inverted in closed form, at every frame."""
from dataclasses import dataclass
from typing import Optional, Tuple

import numpy as np

Points = Tuple[np.ndarray, np.ndarray]


def wave(rng: np.random.Generator, num_frames: int, amplitude: float) -> np.ndarray:
    """A sine of random phase and a period of 12 to 60 frames that is zero in frame 0, float64 [T]."""
    frequency, phase = 2 * np.pi / rng.uniform(12, 60), rng.uniform(0, 2 * np.pi)
    return amplitude * (np.sin(frequency * np.arange(num_frames) + phase) - np.sin(phase))


def translations(offsets: np.ndarray) -> np.ndarray:
    """Shifts [T, 2] as matrices [T, 3, 3]."""
    matrices = np.tile(np.eye(3), (len(offsets), 1, 1))
    matrices[:, :2, 2] = offsets
    return matrices


def linear_maps(angles: np.ndarray, scales_x: np.ndarray, scales_y: np.ndarray) -> np.ndarray:
    """Scale along the axes, then rotate by ``angles`` (clockwise on the screen), each [T], as matrices [T, 3, 3]."""
    matrices = np.tile(np.eye(3), (len(angles), 1, 1))
    matrices[:, 0, 0], matrices[:, 0, 1] = np.cos(angles) * scales_x, -np.sin(angles) * scales_y
    matrices[:, 1, 0], matrices[:, 1, 1] = np.sin(angles) * scales_x, np.cos(angles) * scales_y
    return matrices


@dataclass(frozen=True)
class Bend:
    """Shear along one axis by a sine of the other: ``x + amplitude[t] * sin(frequency * y + phase[t])``.

    Attributes:
        amplitude: Pixels, [T].
        frequency: Radians a pixel.
        phase: Radians, [T].
    """
    amplitude: np.ndarray
    frequency: float
    phase: np.ndarray

    def __call__(self, t: int, other: np.ndarray) -> np.ndarray:
        """The shift at the other coordinate, in pixels."""
        return float(self.amplitude[t]) * np.sin(self.frequency * other + float(self.phase[t]))


# Along x and along y; None for a layer that does not bend.
Bends = Optional[Tuple[Bend, Bend]]


def random_bend(rng: np.random.Generator, num_frames: int, amplitude: float, wavelength: float) -> Bend:
    """A bend that comes and goes and travels slowly; amplitude and wavelength in pixels are typical values."""
    size = amplitude * rng.uniform(0, 1) + wave(rng, num_frames, amplitude * rng.uniform(0, 0.7))
    phase = rng.uniform(0, 2 * np.pi) + rng.normal(0, 0.15) * np.arange(num_frames)
    return Bend(size, float(2 * np.pi / (wavelength * rng.uniform(0.7, 1.6))), phase)


class Motion:
    """The map of a layer to the frame: swing about a joint, bend along x, bend along y, then an affine map.

    Every step has an exact inverse, so frame -> layer -> frame is the identity at any time, and the flow between two
    frames (into the layer at one time, out of it at the other) is exact.

    Args:
        affine: Last step, float64 [T, 3, 3].
        bends: Shears along x and along y, or None.
        pivot: Joint of the first step, in layer coordinates.
        angles: Rotation about the joint, [T], or None.
    """

    def __init__(self,
                 affine: np.ndarray,
                 bends: Bends = None,
                 pivot: Tuple[float, float] = (0, 0),
                 angles: Optional[np.ndarray] = None) -> None:
        self.affine = affine
        self.inverse = np.linalg.inv(affine)
        self.bends = bends
        self.pivot = pivot
        self.angles = angles

    def to_frame(self, t: int, u: np.ndarray, v: np.ndarray) -> Points:
        """Layer coordinates -> pixel coordinates (x, y) of frame t, in the arrays' own precision."""
        if self.angles is not None:
            u, v = self._swing(float(self.angles[t]), u, v)
        if self.bends is not None:
            u = u + self.bends[0](t, v)
            v = v + self.bends[1](t, u)
        return _apply(self.affine[t], u, v)

    def to_layer(self, t: int, x: np.ndarray, y: np.ndarray) -> Points:
        """Pixel coordinates of frame t -> layer coordinates; the inverse of :meth:`to_frame`.

        Arrays that broadcast, such as a row of x and a column of y, are cheaper than full grids.
        """
        u, v = _apply(self.inverse[t], x, y)
        if self.bends is not None:
            v = v - self.bends[1](t, u)
            u = u - self.bends[0](t, v)
        if self.angles is not None:
            u, v = self._swing(-float(self.angles[t]), u, v)
        return u, v

    def scale(self, t: int) -> float:
        """Pixels of frame t a unit of the layer, the geometric mean of both axes."""
        return float(np.sqrt(abs(np.linalg.det(self.affine[t, :2, :2]))))

    def velocity(self, t: int, point: Tuple[float, float]) -> np.ndarray:
        """How far a point of the layer, given in layer coordinates, moves around frame t: (x, y) in pixels a frame."""
        before, after = max(t - 1, 0), min(t + 1, len(self.affine) - 1)
        moved = np.subtract(self.to_frame(after, *point), self.to_frame(before, *point))
        return moved / max(after - before, 1)

    def _swing(self, angle: float, u: np.ndarray, v: np.ndarray) -> Points:
        cos, sin = float(np.cos(angle)), float(np.sin(angle))
        u, v = u - self.pivot[0], v - self.pivot[1]
        return cos * u - sin * v + self.pivot[0], sin * u + cos * v + self.pivot[1]


def _apply(matrix: np.ndarray, x: np.ndarray, y: np.ndarray) -> Points:
    # Python floats leave the precision of the arrays alone.
    (a, b, c), (d, e, f) = matrix[:2].tolist()
    return a * x + (b * y + c), d * x + (e * y + f)
