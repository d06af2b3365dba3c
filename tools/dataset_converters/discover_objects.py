"""Discover objects without labels in the training videos of a config, or in a folder of frames.

Writes one JSON file a video with COCO run lengths, which the transform LoadProposals reads. Files that are there and
were made from the same frames in the same way are left alone, so an interrupted run goes on where it stopped.

Examples:
    python tools/dataset_converters/discover_objects.py stcn/stcn_resnet50_davis2017.py --out data/proposals/davis2017
    python tools/dataset_converters/discover_objects.py videos/ --out proposals/ --discoverer max_regions=8
"""
import argparse
import os
import sys
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Dict, Tuple

import cv2
from mmengine.config import DictAction
from mmengine.registry import init_default_scope
from tqdm import tqdm

from vosreg.datasets.discovery import frame_proposals, proposals_path, read_proposals, write_proposals
from vosreg.datasets.transforms import LoadClip, RenderClip
from vosreg.engine import load_config, require
from vosreg.registry import DATASETS, TASK_UTILS


def list_videos(dataset: dict) -> Dict[str, Tuple[str, dict]]:
    """The videos of a data set's config, or of all data sets of a mix: name -> (what the data set is called, video).

    Raises:
        ValueError: Different videos have one name.
    """
    videos: Dict[str, Tuple[str, dict]] = {}
    for part in dataset.get('datasets', [dataset]):
        built = DATASETS.build(dict(part, pipeline=[]))
        for number in range(built.num_videos):
            video = built.get_data_info(number)
            label = f'{type(built).__name__} {built.data_root}'.strip()
            label, other = videos.setdefault(video['video'], (label, video))
            if any(video.get(key) != other.get(key) for key in ('frame_paths', 'scene')):
                raise ValueError(f'there are two videos {video["video"]!r}, one of them in {label}; '
                                 'discover the data sets one by one, into folders of their own')
    return videos


def load_frame(video: dict, index: int, with_annotations: bool):
    """A frame, RGB uint8 [H, W, 3], and its index mask, or None where it is not annotated."""
    annotated = with_annotations and ('scene' in video or video.get('mask_paths', {index: None})[index] is not None)
    results = dict(video, frame_ids=[index])
    if not annotated:
        results.pop('mask_paths', None)
    results = (RenderClip() if 'scene' in video else LoadClip())(results)
    return results['images'][0], results['masks'][0] if annotated else None


def is_complete(path: Path, video: dict, discoverer: dict) -> bool:
    """Whether a file holds the regions of these frames, found in this way."""
    try:
        content = read_proposals(path)
        for index in range(video['num_frames']):
            frame_proposals(path, video, index, content['size'])
    except (FileNotFoundError, ValueError):
        return False
    return content['discoverer'] == discoverer and len(content['frames']) == video['num_frames']


def discover_video(named_video: Tuple[str, dict], out: Path, discoverer: dict, with_annotations: bool) -> bool:
    """Write the file of a video; False if it is there already."""
    cv2.setNumThreads(1)
    dataset, video = named_video
    path = proposals_path(out, video['video'])
    settings = dict(discoverer, with_annotations=with_annotations)
    if is_complete(path, video, settings):
        return False
    init_default_scope('vosreg')
    discover = TASK_UTILS.build(discoverer)
    masks = [discover(*load_frame(video, index, with_annotations)) for index in range(video['num_frames'])]
    write_proposals(path, dataset, video, settings, masks)
    return True


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('source', help='a config, whose training videos are meant, or a folder of frames, or of '
                        'sub-folders of frames')
    parser.add_argument('--out', type=Path, required=True, help='folder to write, one JSON file a video')
    parser.add_argument('--discoverer', nargs='+', action=DictAction, default={}, metavar='KEY=VALUE',
                        help='what finds the objects, and its settings (default: type=HierarchicalGrouping)')
    parser.add_argument('--no-annotations', dest='with_annotations', action='store_false',
                        help='discover annotated objects too, for training without their masks')
    parser.add_argument('--workers', type=int, default=os.cpu_count(), help='processes (default: %(default)s)')
    parser.add_argument('--cfg-options', nargs='+', action=DictAction, metavar='KEY=VALUE', help='change the config')
    return parser.parse_args()


def main() -> None:
    args = parse_args()
    init_default_scope('vosreg')
    try:
        if Path(args.source).is_dir():
            dataset = dict(type='VideoFolderDataset', frames_root=args.source)
        else:
            config = load_config(args.source, args.cfg_options)
            require(config, 'train_dataloader')
            dataset = config.train_dataloader.dataset
        videos = list_videos(dataset)
        discover = partial(discover_video, out=args.out, discoverer=dict(dict(type='HierarchicalGrouping'),
                                                                         **args.discoverer),
                           with_annotations=args.with_annotations)
        with ProcessPoolExecutor(args.workers) as pool:
            new = sum(tqdm(pool.map(discover, videos.values()), total=len(videos), unit='video'))
    except (OSError, ValueError) as error:
        sys.exit(f'error: {error}')
    print(f'wrote {new} files to {args.out}, {len(videos) - new} were there')


if __name__ == '__main__':
    main()
