"""Write a smaller copy of a data set, for training: YouTube-VOS at 480p, BIG and HRSOD at 384 pixels.

Every image gets the short side that is asked for, in the same tree; other files, such as meta.json, are copied. Files
that are there are left alone, so an interrupted run goes on where it stopped. Masks of objects take nearest pixels: all
palette images, and whatever is no JPEG below a folder Annotations or masks. Frames, and the grey masks of static
images, are averaged over the pixels that an output pixel covers (bicubic for frames of videos).

Examples:
    python tools/dataset_converters/resize_dataset.py data/YouTubeVOS2019/train data/YouTubeVOS2019/train_480p
    python tools/dataset_converters/resize_dataset.py HRSOD data/static/HRSOD_small --short-side 384 --filter box
"""
import argparse
import os
import shutil
import sys
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

from PIL import Image, ImageOps
from tqdm import tqdm

from vosreg.datasets.frame_files import IMAGE_SUFFIXES
from vosreg.fileio import atomic_path

FILTERS = {'bicubic': Image.Resampling.BICUBIC, 'box': Image.Resampling.BOX}


def resize_file(relative: Path, source: Path, out: Path, short_side: int, resampling: Image.Resampling) -> bool:
    """Write the copy of one file; False if it is there already.

    Raises:
        OSError: The file is no image; the message names it.
    """
    if (out / relative).is_file():
        return False
    with atomic_path(out / relative) as temporary:
        if relative.suffix.lower() not in IMAGE_SUFFIXES:
            shutil.copyfile(source / relative, temporary)
            return True
        try:
            with Image.open(source / relative) as image:
                path = source.resolve().name / relative
                method = Image.Resampling.NEAREST if is_index_mask(image, path) else resampling
                resize(image, short_side, method).save(temporary, format=image.format, quality=95)
        except (OSError, SyntaxError) as error:
            raise OSError(f'cannot resize {source / relative}: {error}') from error
    return True


def is_index_mask(image: Image.Image, path: Path) -> bool:
    """Whether the pixels are ids, of which no mean must be taken: grey ones are told by their folder.

    Args:
        image: The image.
        path: Its path from the data set's folder on; what that lies in tells nothing.
    """
    return image.mode in ('P', '1') or (image.format != 'JPEG' and not {'Annotations', 'masks'}.isdisjoint(path.parts))


def resize(image: Image.Image, short_side: int, resampling: Image.Resampling) -> Image.Image:
    """Resize an image, upright, so that its short side has ``short_side`` pixels; the long one is rounded down."""
    if resampling != Image.Resampling.NEAREST:  # A mask is read as it lies on disk.
        image = ImageOps.exif_transpose(image)
    size = tuple(side * short_side // min(image.size) for side in image.size)
    return image.resize(size, resampling)


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('source', type=Path, help='folder to copy')
    parser.add_argument('out', type=Path, help='folder to write')
    parser.add_argument('--short-side', type=int, default=480, help='pixels (default: %(default)s)')
    parser.add_argument('--filter', choices=FILTERS, default='bicubic',
                        help='of all but masks of objects: bicubic as official for YouTube-VOS (default), box as '
                        'official for static images')
    parser.add_argument('--workers', type=int, default=os.cpu_count(), help='processes (default: %(default)s)')
    return parser.parse_args()


def main() -> None:
    args = parse_args()
    source, out = args.source.resolve(), args.out.resolve()
    if not source.is_dir():
        sys.exit(f'error: no folder {source}')
    if out == source or source in out.parents:
        sys.exit(f'error: {out} lies inside of {source}; write somewhere else')
    files = sorted(Path(folder, name).relative_to(source) for folder, _, names in os.walk(source, followlinks=True)
                   for name in names if name[0] != '.')
    work = partial(resize_file, source=source, out=out, short_side=args.short_side, resampling=FILTERS[args.filter])
    try:
        with ProcessPoolExecutor(args.workers) as pool:
            new = sum(tqdm(pool.map(work, files, chunksize=16), total=len(files), unit='file'))
    except OSError as error:
        sys.exit(f'error: {error}')
    print(f'wrote {new} files to {out}, {len(files) - new} were there')


if __name__ == '__main__':
    main()
