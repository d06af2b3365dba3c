"""Which pixels of a frame to look at."""
import cv2
import numpy as np

MAX_CANDIDATES, MIN_DISTANCE = 4000, 8


def sample_points(mask: np.ndarray, number: int, seed: int = 0) -> np.ndarray:
    """Spread points evenly over each object and over the background.

    The points are dealt evenly to the objects, the largest first, and the background. If they are too few for all,
    the smallest objects go without.

    Args:
        mask: Index mask, uint8 [H, W].
        number: How many points; fewer are returned if a region is too small for its share.
        seed: The same seed gives the same points.

    Returns:
        (x, y), int64 [P, 2], object by object, background last.
    """
    ids, areas = np.unique(mask, return_counts=True)
    objects = [i for i in ids[np.argsort(-areas, kind='stable')].tolist() if i]
    regions = [*objects[:number - 1], 0] if 0 in ids else objects[:number]
    shares = [number // len(regions) + (place < number % len(regions)) for place in range(len(regions))]
    rng = np.random.default_rng(seed)
    return np.concatenate([_spread(mask == region, share, rng) for region, share in zip(regions, shares)])


def _spread(region: np.ndarray, number: int, rng: np.random.Generator) -> np.ndarray:
    """At most ``number`` pixels (x, y) of a region, each as far as can be from the ones before it and from the border,
    where it is unclear what a location belongs to.
    """
    # Zeros around the frame make its edges borders too.
    depth = cv2.distanceTransform(np.pad(region, 1).astype(np.uint8), cv2.DIST_L2, 5)[1:-1, 1:-1]
    candidates = rng.permutation(np.argwhere(region))[:MAX_CANDIDATES]
    depth = depth[tuple(candidates.T)]
    distance = np.full(len(candidates), np.inf)
    points = []
    for _ in range(number):
        # The border may be half as near as another point.
        best = np.minimum(distance, 2 * depth).argmax()
        if distance[best] < MIN_DISTANCE:
            break
        points.append(candidates[best])
        distance = np.minimum(distance, np.linalg.norm(candidates - points[-1], axis=1))
    return np.array(points)[:, ::-1]
