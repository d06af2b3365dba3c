"""How a layer moves: a map between frame and layer that is invertible in closed form at any time."""
import math
from typing import Tuple

import numpy as np

Points = Tuple[np.ndarray, np.ndarray]


class Wave:
    """A smooth function of time: ``start + speed * t + amplitude * sin(frequency * t + phase)``.

    Args:
        rng: Draws frequency and phase.
        start: Value around which it swings at t = 0.
        speed: Drift a frame.
        amplitude: Size of the swing.
    """

    def __init__(self, rng: np.random.Generator, start: float = 0, speed: float = 0, amplitude: float = 0) -> None:
        self.start, self.speed, self.amplitude = start, speed, amplitude
        self.frequency = rng.uniform(0.1, 0.5)
        self.phase = rng.uniform(0, 2 * np.pi)

    def __call__(self, t: float) -> float:
        """The value at time t, in frames."""
        return float(self.start + self.speed * t + self.amplitude * math.sin(self.frequency * t + self.phase))


class Motion:
    """The place, size, turn and bend of a layer over time.

    A frame's pixel goes to the layer's own coordinates by an affine map (translation, rotation, scale) and two
    shears by sine waves, one along each axis. Each of these steps is inverted exactly, and so is the flow made of them.

    Args:
        rng: Source of all randomness.
        centre: Where the layer's origin lies in frame 0, (x, y) in pixels.
        scale: Pixels a unit of the layer's coordinates.
        speed: Typical drift in pixels a frame.
        swing: Typical swing in pixels.
        turn: Typical turn in radians a frame.
        bend: Amplitude of the bending in units of the layer.
        zoom: Largest relative change of the scale, as a logarithm.
    """

    def __init__(self, rng: np.random.Generator, centre: Tuple[float, float], scale: float, speed: float, swing: float,
                 turn: float, bend: float, zoom: float) -> None:
        velocity, amplitude = rng.normal(0, speed, 2), rng.normal(0, swing, 2)
        self.position = [Wave(rng, centre[i], velocity[i], amplitude[i]) for i in (0, 1)]
        self.angle = Wave(rng, rng.uniform(-0.4, 0.4), rng.normal(0, turn), rng.normal(0, 5 * turn))
        self.log_scale = Wave(rng, np.log(scale), rng.normal(0, zoom / 30), rng.uniform(0, zoom))
        # The origin belongs at the centre in frame 0, whatever the phase of the swing.
        for wave, start in zip(self.position, centre):
            wave.start -= wave(0) - start
        self.bends = [Wave(rng, 0, 0, rng.uniform(0, bend)) for _ in range(2)]
        self.bend_frequency = rng.uniform(1.5, 4, 2).tolist()
        self.bend_phase = [Wave(rng, rng.uniform(0, 2 * np.pi), rng.uniform(-0.2, 0.2)) for _ in range(2)]

    def to_layer(self, t: float, x: np.ndarray, y: np.ndarray) -> Points:
        """Frame coordinates in pixels at time t -> layer coordinates."""
        cos, sin, scale = self._linear(t)
        x, y = x - self.position[0](t), y - self.position[1](t)
        u, v = (cos * x + sin * y) / scale, (cos * y - sin * x) / scale
        u = u + self._bend(0, t, v)
        return u, v + self._bend(1, t, u)

    def to_frame(self, t: float, u: np.ndarray, v: np.ndarray) -> Points:
        """Layer coordinates -> frame coordinates in pixels at time t; the inverse of :meth:`to_layer`."""
        v = v - self._bend(1, t, u)
        u = u - self._bend(0, t, v)
        cos, sin, scale = self._linear(t)
        return (self.position[0](t) + scale * (cos * u - sin * v), self.position[1](t) + scale * (sin * u + cos * v))

    def scale(self, t: float) -> float:
        """Pixels a unit of the layer at time t."""
        return math.exp(self.log_scale(t))

    def reach(self, t: float) -> float:
        """Farthest that a point of the square [-1, 1]^2 lies from the layer's origin at time t, in pixels."""
        return self.scale(t) * math.hypot(*(1 + abs(bend(t)) for bend in self.bends))

    def _linear(self, t: float) -> Tuple[float, float, float]:
        return math.cos(self.angle(t)), math.sin(self.angle(t)), self.scale(t)

    def _bend(self, axis: int, t: float, other: np.ndarray) -> np.ndarray:
        return self.bends[axis](t) * np.sin(self.bend_frequency[axis] * other + self.bend_phase[axis](t))
