"""How fast training clips are made: the composed warp against a chain of torchvision's transforms on PIL images, and
the rate at which DataLoader workers deliver crops of 384 pixels from videos at 480p.

The chain is that of STCN: flip, random resized crop, then rotation and shear of each frame, each of which resamples
images (bicubic) and masks (nearest). Both sides start from decoded frames and draw anew for every clip.
"""
import argparse
import os
import tempfile
import time
from pathlib import Path
from typing import Callable

import cv2
import numpy as np
import torch
import torchvision.transforms.functional as tvf
from mmengine.config import Config
from mmengine.registry import init_default_scope
from mmengine.runner import Runner
from PIL import Image
from skimage import data
from torchvision.transforms import InterpolationMode, RandomAffine
from torchvision.transforms import RandomResizedCrop as TorchvisionCrop

from vosreg.datasets.transforms import RandomFlip, RandomFrameAffine, RandomResizedCrop, WarpClip
from vosreg.fileio import write_image, write_mask

CONFIG = Path(__file__).parents[1] / 'configs' / '_base_' / 'datasets' / 'davis2017.py'
SIZE, CROP, FRAMES = (480, 854), 384, 3
FILL = (124, 116, 104)


def example_clip():
    """Three shifted views of a photograph at 480p, and masks of two objects."""
    photograph = cv2.resize(data.coffee(), (900, 520), interpolation=cv2.INTER_CUBIC)
    images = [np.ascontiguousarray(photograph[8 * t:8 * t + SIZE[0], 9 * t:9 * t + SIZE[1]]) for t in range(FRAMES)]
    masks = [np.zeros(SIZE, np.uint8) for _ in images]
    for t, mask in enumerate(masks):
        cv2.circle(mask, (300 + 9 * t, 240), 120, 1, -1)
        cv2.rectangle(mask, (550, 100 + 8 * t), (750, 300), 2, -1)
    return images, masks


def composed(images, masks, rng: np.random.Generator) -> None:
    results = dict(images=list(images), masks=list(masks), rng=rng)
    for transform in (RandomFlip(), RandomResizedCrop(CROP), RandomFrameAffine(15, 10), WarpClip(FILL)):
        results = transform(results)


def chained(images, masks) -> None:
    flip = torch.rand(()) < 0.5
    crop = TorchvisionCrop.get_params(images[0], (0.36, 1.0), (3 / 4, 4 / 3))
    for image, mask in zip(images, masks):
        affine = RandomAffine.get_params([-15, 15], None, None, [-10, 10], [CROP, CROP])
        for picture, mode, fill in ((image, InterpolationMode.BICUBIC, FILL), (mask, InterpolationMode.NEAREST, 0)):
            picture = tvf.hflip(picture) if flip else picture
            picture = tvf.resized_crop(picture, *crop, [CROP, CROP], mode)
            np.asarray(tvf.affine(picture, *affine, interpolation=mode, fill=fill))


def seconds_a_call(call: Callable[[], object], number: int, warm_up: int = 3) -> float:
    """Median time of a call."""
    seconds = []
    for _ in range(warm_up + number):
        start = time.perf_counter()
        call()
        seconds.append(time.perf_counter() - start)
    return float(np.median(seconds[warm_up:]))


def compare_warps(clips: int) -> None:
    cv2.setNumThreads(1)
    torch.set_num_threads(1)
    images, masks = example_clip()
    pictures, mask_pictures = (list(map(Image.fromarray, arrays)) for arrays in (images, masks))
    rng = np.random.default_rng(0)
    # In turn, so that both sides meet the same load of the machine.
    ours, theirs = [], []
    for _ in range(5):
        ours.append(seconds_a_call(lambda: composed(images, masks, rng), clips // 5))
        theirs.append(seconds_a_call(lambda: chained(pictures, mask_pictures), clips // 5))
    ours, theirs = np.median(ours), np.median(theirs)
    print(f'composed warp        : {1000 * ours:6.1f} ms a clip of {FRAMES} frames, one thread')
    print(f'chain of torchvision : {1000 * theirs:6.1f} ms')
    print(f'The composed warp is {theirs / ours:.1f} times as fast.')


def write_videos(root: Path, number: int, length: int) -> None:
    """Videos in DAVIS layout that show the photograph drifting."""
    images, masks = example_clip()
    for video in range(number):
        for t in range(length):
            frame, mask = (np.roll(array[0], 2 * t, axis=1) for array in (images, masks))
            write_image(root / 'JPEGImages' / '480p' / f'{video:02d}' / f'{t:05d}.jpg', frame)
            write_mask(root / 'Annotations' / '480p' / f'{video:02d}' / f'{t:05d}.png', mask)


def measure_loading(workers: int, batches: int, data_root: str) -> None:
    init_default_scope('vosreg')
    loader = Config.fromfile(CONFIG).train_dataloader
    with tempfile.TemporaryDirectory() as folder:
        if not data_root:
            write_videos(Path(folder), number=4, length=24)
            loader.dataset.update(data_root=folder, videos=[f'{video:02d}' for video in range(4)])
        else:
            loader.dataset.update(data_root=data_root)
        loader.update(num_workers=workers, persistent_workers=workers > 0)
        loader = Runner.build_dataloader(loader, seed=0)
        iterator = iter(loader)
        for _ in range(2 * workers + 1):  # What the workers had fetched ahead does not count.
            next(iterator)
        start = time.perf_counter()
        for _ in range(batches):
            next(iterator)
        seconds = (time.perf_counter() - start) / batches
        del iterator, loader
    print(f'{workers} workers deliver {4 / seconds:.1f} clips, {4 * FRAMES / seconds:.0f} crops of {CROP} pixels a '
          f'second ({os.cpu_count()} cores)')


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--clips', type=int, default=100, help='clips to warp (default: %(default)s)')
    parser.add_argument('--batches', type=int, default=30, help='batches of 4 clips to load (default: %(default)s)')
    parser.add_argument('--workers', type=int, default=2)
    parser.add_argument('--data-root', default='', help='a DAVIS; by default videos made for the purpose')
    args = parser.parse_args()
    compare_warps(args.clips)
    measure_loading(args.workers, args.batches, args.data_root)


if __name__ == '__main__':
    main()
