"""What objects are made of: parts that swing about joints, from plain blobs to walking people and bicycles.

A figure is about two units high and wide, with its middle at the origin; y points down.
"""
from dataclasses import dataclass
from typing import List

import numpy as np

from .shapes import Point, Shape, box, limb, ring, star, union

# What a part is made of: index into the textures of a figure's outfit.
MAIN, SECOND, SKIN = 0, 1, 2


@dataclass(frozen=True)
class Part:
    """A rigid piece of a figure.

    Attributes:
        shape: Its outline in the figure's coordinates, at rest.
        material: Which texture of the outfit covers it.
        pivot: The joint that it swings about.
        swing: Largest angle of the swing in radians.
        frequency: Of the swing, radians a frame.
        phase: Of the swing.
        spin: Steady rotation, radians a frame.
    """
    shape: Shape
    material: int = MAIN
    pivot: Point = (0, 0)
    swing: float = 0
    frequency: float = 0
    phase: float = 0
    spin: float = 0

    def angles(self, num_frames: int) -> np.ndarray:
        """Angle about the pivot in each frame, float64 [T]."""
        t = np.arange(num_frames)
        return self.swing * np.sin(self.frequency * t + self.phase) + self.spin * t


def random_figure(rng: np.random.Generator) -> List[Part]:
    """Draw a figure of any kind; parts from far to near."""
    draw = rng.choice([blob, creature, person, animal, bicycle, vehicle], p=[0.3, 0.15, 0.28, 0.12, 0.08, 0.07])
    return draw(rng)


def blob(rng: np.random.Generator) -> List[Part]:
    """One smooth piece: a wobbly disc, a rounded box or a ring, sometimes grown together with a second one."""
    kind = rng.random()
    if kind < 0.6:
        shape = star(rng, (0, 0), 0.9)
    elif kind < 0.9:
        shape = box((0, 0), rng.uniform(0.3, 1), rng.uniform(0.5, 1), rng.uniform(2, 8))
    else:
        shape = ring((0, 0), 0.75, rng.uniform(0.2, 0.5))
    if rng.random() < 0.3:
        shape = union(shape, star(rng, tuple(rng.uniform(-0.7, 0.7, 2)), 0.5))
    return [Part(shape)]


def creature(rng: np.random.Generator) -> List[Part]:
    """A blob with two to five arms that wave independently."""
    body = Part(star(rng, (0, 0), rng.uniform(0.35, 0.6)))
    arms = []
    for angle in rng.uniform(0, 2 * np.pi, rng.integers(2, 6)):
        start, end = (tuple(r * np.array([np.cos(angle), np.sin(angle)])) for r in (0.3, rng.uniform(0.8, 1.1)))
        radius = rng.uniform(0.06, 0.18)
        arms.append(
            Part(
                limb(start, end, radius, radius * rng.uniform(0.4, 1.2)),
                int(rng.choice([MAIN, SECOND])),
                start,
                swing=rng.uniform(0.1, 0.7),
                frequency=rng.uniform(0.1, 0.6),
                phase=rng.uniform(0, 2 * np.pi)))
    near = int(rng.integers(0, len(arms) + 1))
    return arms[:near] + [body] + arms[near:]


def person(rng: np.random.Generator) -> List[Part]:
    """Someone who walks, runs or stands, upright."""
    stout = rng.uniform(0.8, 1.3)
    frequency, phase = rng.uniform(0.1, 0.6), rng.uniform(0, 2 * np.pi)
    stride, wave = rng.uniform(0.05, 0.6), rng.uniform(0.05, 0.9)
    knee, elbow = rng.uniform(-0.25, 0.1), rng.uniform(-0.2, 0.35)
    bare_arms, bare_legs = rng.random(2) < 0.5
    shoulder, hip = 0.17 * stout, 0.09 * stout

    def leg(side: int) -> Part:
        x = side * hip
        shape = union(
            limb((x, 0), (x + 0.02, 0.45), 0.13 * stout, 0.09 * stout),
            limb((x + 0.02, 0.45), (x + knee, 0.88), 0.08 * stout, 0.05 * stout),
            limb((x + knee, 0.91), (x + knee + 0.13, 0.94), 0.055, 0.045))
        return Part(shape, SKIN if bare_legs else SECOND, (x, 0), stride, frequency, phase + (side > 0) * np.pi)

    def arm(side: int) -> Part:
        x = side * shoulder
        shape = union(
            limb((x, -0.5), (x + 0.06 * side, -0.2), 0.075 * stout, 0.06 * stout),
            limb((x + 0.06 * side, -0.2), (x + elbow, 0.08), 0.055 * stout, 0.045))
        return Part(shape, SKIN if bare_arms else MAIN, (x, -0.5), wave, frequency, phase + (side < 0) * np.pi)

    torso = Part(limb((0, -0.42), (0, 0.02), 0.22 * stout, 0.18 * stout))
    trunks = [Part(box((0, 0.12), 0.21 * stout, 0.15, 4), SECOND)] if bare_legs else []
    neck_and_head = union(limb((0, -0.6), (0.01, -0.75), 0.06, 0.08), box((0.01, -0.82), 0.12, 0.15, 2))
    head = Part(neck_and_head, SKIN, (0, -0.6), 0.15, frequency / 2, phase)
    hair = Part(box((-0.01, -0.9), 0.13, 0.08, 2.5), SECOND, (0, -0.6), 0.15, frequency / 2, phase)
    return [arm(-1), leg(-1), leg(1), *trunks, torso, head, hair, arm(1)]


def animal(rng: np.random.Generator) -> List[Part]:
    """Four legs, a head and a tail, seen from the side."""
    body_radius, leg_length = rng.uniform(0.18, 0.32), rng.uniform(0.4, 0.75)
    frequency, phase, stride = rng.uniform(0.15, 0.7), rng.uniform(0, 2 * np.pi), rng.uniform(0.1, 0.6)

    def leg(x: float, offset: float) -> Part:
        bend = rng.uniform(-0.08, 0.08)
        shape = union(
            limb((x, 0), (x + bend, 0.1 + leg_length / 2), 0.1, 0.07),
            limb((x + bend, 0.1 + leg_length / 2), (x, 0.1 + leg_length), 0.06, 0.05))
        return Part(shape, MAIN, (x, 0), stride, frequency, phase + offset)

    body = limb((-0.55, -0.05), (0.5, -0.05), body_radius, body_radius * rng.uniform(0.8, 1.1))
    crown = (rng.uniform(0.7, 0.9), rng.uniform(-0.65, -0.2))
    nose, ear = (crown[0] + rng.uniform(0.12, 0.28), crown[1] + 0.08), (crown[0] - 0.08, crown[1] - 0.22)
    head = union(limb((0.5, -0.1), crown, 0.13, 0.1), limb(crown, nose, 0.13, 0.07), limb(crown, ear, 0.07, 0.02))
    tail = limb((-0.6, -0.12), (-rng.uniform(0.85, 1.1), rng.uniform(-0.5, 0.2)), 0.06, 0.03)
    wagging = Part(tail, MAIN, (-0.6, -0.12), 0.5, 1.3 * frequency, phase)
    nodding = Part(head, int(rng.choice([MAIN, SECOND])), (0.5, -0.1), 0.2, frequency / 2, phase)
    return [leg(-0.42, 0.3), leg(0.42, np.pi + 0.3), wagging, Part(body), leg(-0.5, np.pi), leg(0.5, 0), nodding]


def bicycle(rng: np.random.Generator) -> List[Part]:
    """Two thin wheels and a frame, most often with a rider."""
    radius, pen, spin = rng.uniform(0.28, 0.36), rng.uniform(0.035, 0.07), rng.uniform(0, 0.5)
    frequency = max(spin, 0.1)
    wheels = [
        Part(union(ring((x, 0.6), radius, pen), limb((x, 0.6 - radius), (x, 0.6 + radius), 0.012, 0.012)), SECOND,
             (x, 0.6), spin=spin) for x in (-0.55, 0.55)
    ]
    rear, pedal, seat, bar, front = (-0.55, 0.6), (-0.08, 0.58), (-0.22, 0.05), (0.36, -0.02), (0.55, 0.6)
    tubes = [(rear, pedal), (rear, seat), (pedal, seat), (pedal, bar), (seat, bar), (bar, front)]
    frame = Part(union(*[limb(start, end, 0.7 * pen, 0.7 * pen) for start, end in tubes]), SECOND)
    if rng.random() < 0.25:
        return [*wheels, frame]
    neck, knee, elbow = (seat[0] + rng.uniform(-0.05, 0.3), -0.55), (0.1, 0.22), (0.2, -0.3)
    leg = union(limb(seat, knee, 0.11, 0.08), limb(knee, pedal, 0.07, 0.05))
    legs = [Part(leg, SECOND, seat, 0.25, frequency, phase) for phase in (0, np.pi)]
    torso = Part(limb(seat, neck, 0.14, 0.17))
    head = Part(box((neck[0] + 0.08, neck[1] - 0.27), 0.12, 0.14, 2), SKIN)
    arm = Part(union(limb(neck, elbow, 0.07, 0.055), limb(elbow, bar, 0.05, 0.04)), SKIN)
    return [legs[0], *wheels, frame, torso, head, legs[1], arm]


def vehicle(rng: np.random.Generator) -> List[Part]:
    """A body with a cabin on wheels, seen from the side."""
    radius, spin = rng.uniform(0.15, 0.24), rng.uniform(0, 0.6)
    body = box((0, 0.15), 0.95, rng.uniform(0.22, 0.4), rng.uniform(3, 8))
    cabin = box((rng.uniform(-0.3, 0.3), -0.2), rng.uniform(0.35, 0.7), rng.uniform(0.25, 0.4), rng.uniform(2.5, 6))
    windows = box((rng.uniform(-0.2, 0.2), -0.22), rng.uniform(0.2, 0.4), 0.15, 5)
    wheels = [
        Part(box((x, 0.45), radius, radius, 2), SECOND, (x, 0.45), spin=spin)
        for x in (-rng.uniform(0.45, 0.65), rng.uniform(0.45, 0.65))
    ]
    return [Part(union(body, cabin)), Part(windows, SECOND), *wheels]


def post(rng: np.random.Generator) -> List[Part]:
    """A trunk or post, much higher than a figure."""
    return [Part(box((0, 0), rng.uniform(0.02, 0.09), 3, 20))]
