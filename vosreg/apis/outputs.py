"""What is made from the masks of a video when they are there."""
import json
from pathlib import Path
from typing import Iterable, Iterator, Tuple

import cv2
import numpy as np

from vosreg.fileio import VideoWriter, atomic_path, encode_mask, read_mask
from vosreg.visualization import overlay_mask

NamedMask = Tuple[str, Path]


def write_overlay(path: Path, images: Iterable[np.ndarray], masks: Iterable[NamedMask], fps: float) -> None:
    """Draw masks over their frames, as an H.264 video that browsers play.

    Args:
        path: The video to write, atomically.
        images: RGB uint8 [H, W, 3]. Those of another size than the first one are resized to it.
        masks: Names and files of as many masks.
        fps: Frames a second.
    """
    size = None
    with VideoWriter(path, fps) as writer:
        # The masks first: there may be more images, the next of which cannot be read.
        for (_, mask), image in zip(masks, images):
            drawing = overlay_mask(np.ascontiguousarray(image), read_mask(mask))
            size = size or drawing.shape[1::-1]
            writer.write(drawing if drawing.shape[1::-1] == size else cv2.resize(drawing, size))


def write_run_lengths(path: Path, masks: Iterable[NamedMask]) -> None:
    """Write masks in COCO's format, with compressed run lengths that pycocotools reads.

    An annotation is an object in a frame; ``track_id`` is the id of the object, the same in all frames, and there is
    one category, ``object``.

    Args:
        path: The JSON file to write, atomically.
        masks: Names and files of the masks, in order of the frames.
    """
    images = []
    with atomic_path(path) as temporary, temporary.open('w') as file:
        file.write('{"annotations": [')
        separator = '\n'
        count = 0
        for index, (name, mask_path) in enumerate(masks):
            mask = read_mask(mask_path)
            images.append(dict(id=index, file_name=name, width=mask.shape[1], height=mask.shape[0]))
            for annotation in _annotations(mask):
                count += 1
                file.write(separator + json.dumps(dict(id=count, image_id=index, **annotation)))
                separator = ',\n'
        images_text, categories = json.dumps(images), json.dumps([dict(id=1, name='object')])
        file.write(f'\n],\n"images": {images_text},\n"categories": {categories}}}\n')


def _annotations(mask: np.ndarray) -> Iterator[dict]:
    for object_id in np.unique(mask[mask > 0]).tolist():
        pixels = mask == object_id
        left, top, width, height = cv2.boundingRect(pixels.astype(np.uint8))
        yield dict(track_id=object_id, category_id=1, iscrowd=0, area=int(pixels.sum()),
                   bbox=[left, top, width, height], segmentation=encode_mask(pixels))
