"""Write the masks of OVIS or BURST, which come as run lengths in a JSON file, as palette PNGs: OUT/VIDEO/FRAME.png.

Beside OUT comes OUT.txt, which lists the videos. Objects are numbered from 1 in each video; where they overlap, the
smaller one is seen. Masks that are there are left alone, so an interrupted run goes on where it stopped.

Examples:
    python tools/dataset_converters/tracks_to_masks.py data/OVIS/annotations_train.json data/OVIS/masks/train
    python tools/dataset_converters/tracks_to_masks.py data/BURST/annotations/train/train.json data/BURST/masks/train
"""
import argparse
import json
import os
import sys
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Dict, Iterator, List, NamedTuple, Tuple

import numpy as np
from tqdm import tqdm

from vosreg.fileio import LARGEST_ID, atomic_path, decode_mask, write_mask


class Tracks(NamedTuple):
    """The objects of a video: its name, its size (H, W), and for each annotated frame track -> run lengths."""
    video: str
    size: Tuple[int, int]
    frames: Dict[str, Dict[int, dict]]


def read_tracks(path: Path) -> List[Tracks]:
    """The objects of all videos in a JSON file.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: It is neither one of OVIS nor one of BURST.
    """
    try:
        content = json.loads(path.read_text())
        return list(read_burst(content) if 'sequences' in content else read_ovis(content))
    except KeyError as error:
        raise ValueError(f'{path} is neither a file of OVIS nor of BURST: it has no {error}') from error
    except (TypeError, ValueError) as error:
        raise ValueError(f'{path} is neither a file of OVIS nor of BURST: {error}') from error


def read_ovis(content: dict) -> Iterator[Tracks]:
    """OVIS (Qi et al., IJCV 2022), in the format of YouTube-VIS: a list of run lengths for each object."""
    objects: Dict[int, List[dict]] = {}
    for annotation in content['annotations']:
        objects.setdefault(annotation['video_id'], []).append(annotation)
    for video in content['videos']:
        paths = [PurePosixPath(name) for name in video['file_names']]
        for entry in objects.get(video['id'], []):
            number = len(entry['segmentations'])
            if number != len(paths):
                raise ValueError(f'the video {paths[0].parent} has {len(paths)} frames, but its object '
                                 f'{entry["id"]} has masks for {number}')
        yield Tracks(paths[0].parent.as_posix(), (video['height'], video['width']), {
            path.stem: {entry['id']: entry['segmentations'][index] for entry in objects.get(video['id'], [])
                        if entry['segmentations'][index]} for index, path in enumerate(paths)})


def read_burst(content: dict) -> Iterator[Tracks]:
    """BURST (Athar et al., WACV 2023): run lengths of all objects for each annotated frame."""
    for video in content['sequences']:
        size = (video['height'], video['width'])
        yield Tracks(f'{video["dataset"]}/{video["seq_name"]}', size, {
            PurePosixPath(name).stem: {int(track): dict(size=size, counts=entry['rle']) for track, entry in
                                       objects.items()}
            for name, objects in zip(video['annotated_image_paths'], video['segmentations'])})


def decode(encoded: dict) -> np.ndarray:
    """Bool [H, W]; the run lengths may also be a list of numbers."""
    if isinstance(encoded['counts'], str):
        return decode_mask(encoded)
    values = np.arange(len(encoded['counts'])) % 2 == 1
    return values.repeat(encoded['counts']).reshape(encoded['size'], order='F')


def write_video(tracks: Tracks, out: Path) -> int:
    """Write the masks of a video that are not there yet; how many these are.

    Raises:
        ValueError: The video has more than 254 objects, or broken run lengths.
    """
    numbers = {track: place for place, track in enumerate(sorted(set().union(*tracks.frames.values())), 1)}
    if len(numbers) > LARGEST_ID:
        raise ValueError(f'the video {tracks.video} has {len(numbers)} objects; masks hold {LARGEST_ID} at most')
    written = 0
    for stem, objects in tracks.frames.items():
        path = out / tracks.video / f'{stem}.png'
        if path.is_file():
            continue
        try:
            masks = {numbers[track]: decode(encoded) for track, encoded in objects.items()}
        except ValueError as error:
            raise ValueError(f'the video {tracks.video}, frame {stem}: {error}') from error
        image = np.zeros(tracks.size, np.uint8)
        for number, mask in sorted(masks.items(), key=lambda item: -item[1].sum()):
            image[mask] = number
        write_mask(path, image)
        written += 1
    return written


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('annotations', type=Path, help='JSON file')
    parser.add_argument('out', type=Path, help='folder to write')
    parser.add_argument('--workers', type=int, default=os.cpu_count(), help='processes (default: %(default)s)')
    args = parser.parse_args()
    try:
        tracks = read_tracks(args.annotations)
        with ProcessPoolExecutor(args.workers) as pool:
            new = sum(tqdm(pool.map(partial(write_video, out=args.out), tracks), total=len(tracks), unit='video'))
    except (OSError, ValueError) as error:
        sys.exit(f'error: {error}')
    with atomic_path(args.out.with_suffix('.txt')) as temporary:
        temporary.write_text(''.join(f'{video.video}\n' for video in tracks))
    print(f'wrote {new} masks of {len(tracks)} videos to {args.out}')


if __name__ == '__main__':
    main()
