"""Random smooth shapes as signed distance fields."""
import cv2
import numpy as np


def random_shape(rng: np.random.Generator, resolution: int) -> np.ndarray:
    """Draw a shape inside the square [-1, 1]^2: a wobbly blob, half of the time with one to three limbs.

    Args:
        rng: Source of all randomness.
        resolution: Samples along a side of the square.

    Returns:
        Signed distance to the contour in units of the square's half side, positive inside, float32
        [resolution, resolution]; sample (i, j) lies at v = -1 + (2 i + 1) / resolution, u likewise with j.
    """
    supersampled = 2 * resolution
    mask = np.zeros((supersampled, supersampled), np.uint8)
    parts = [_blob(rng, centre=(0, 0), radius=rng.uniform(0.4, 0.65), elongation=rng.uniform(0.5, 1))]
    if rng.random() < 0.5:
        for _ in range(rng.integers(1, 4)):
            angle = rng.uniform(0, 2 * np.pi)
            centre = 0.5 * np.cos(angle), 0.5 * np.sin(angle)
            parts.append(_blob(rng, centre, radius=rng.uniform(0.25, 0.4), elongation=rng.uniform(0.25, 0.6),
                               angle=angle))
    for part in parts:
        # fillPoly takes fixed-point coordinates with 4 fractional bits.
        points = ((part + 1) * resolution * 16).round().astype(np.int32)
        cv2.fillPoly(mask, [points], 1, shift=4)
    inside = cv2.distanceTransform(mask, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    outside = cv2.distanceTransform(1 - mask, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    return cv2.resize((inside - outside) / resolution, (resolution, resolution), interpolation=cv2.INTER_AREA)


def _blob(rng: np.random.Generator, centre, radius: float, elongation: float, angle: float = None) -> np.ndarray:
    """The contour of an ellipse with a few random harmonics, [points, 2], kept inside the square."""
    theta = np.linspace(0, 2 * np.pi, 96, endpoint=False)
    wobble = sum(rng.normal(0, 0.16 / n) * np.cos(n * theta + rng.uniform(0, 2 * np.pi)) for n in range(2, 7))
    distance = radius * np.exp(wobble)
    angle = rng.uniform(0, np.pi) if angle is None else angle
    along, across = distance * np.cos(theta), elongation * distance * np.sin(theta)
    points = np.stack([along * np.cos(angle) - across * np.sin(angle), along * np.sin(angle) + across * np.cos(angle)])
    return np.clip(points.T + centre, -0.95, 0.95)
