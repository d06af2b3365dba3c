"""Draw where in memory the pixels of a test video find their matches, for one model or several side by side.

For each frame asked for, DIR/VIDEO/FRAME_matches.png shows lines from pixels of the frame to their best matches in the
memory frames, and DIR/VIDEO/FRAME_heat.png where the affinity mass of each pixel lies. Matches onto another object or
the background are in another colour, as far as ground truth tells.

Examples:
    python tools/analysis_tools/visualize_correspondence.py stcn/stcn_efficientnet-lite0_synthetic.py iter_600.pth
    python tools/analysis_tools/visualize_correspondence.py CONFIG baseline.pth correspondence.pth \\
        --labels baseline 'with correspondence' --video bmx-trees --frame 40 --points 200,110 60,200
"""
import argparse
from pathlib import Path
from typing import Dict, List, NamedTuple, Sequence, Tuple

import cv2
import numpy as np
from mmengine.config import Config, DictAction
from mmengine.device import get_device
from mmengine.registry import init_default_scope
from tqdm import tqdm

from vosreg.datasets import VideoDataset
from vosreg.engine import build_for_inference, expected_errors, load_config, require
from vosreg.engine.checkpoints import allow_code
from vosreg.evaluation.functional import count_by_location, judge_matches
from vosreg.fileio import write_image
from vosreg.models.segmentors import MatchingVOS
from vosreg.registry import DATASETS, MODELS
from vosreg.structures import KeyGrid, VOSDataSample
from vosreg.visualization import (
    PointMatches,
    ShownFrame,
    draw_heat_maps,
    draw_matches,
    most_matched_frames,
    sample_points,
)


class Video(NamedTuple):
    """A video of a data set: its name, the item of its frame 0, its length, and the frame whose mask comes first."""
    name: str
    start: int
    length: int
    first_given: int


def parse_point(text: str) -> Tuple[int, int]:
    """``x,y`` in pixels."""
    try:
        x, y = map(int, text.split(','))
    except ValueError:
        raise argparse.ArgumentTypeError(f'{text!r} is not a pixel; write x,y, for example 120,80') from None
    return x, y


def find_video(dataset: VideoDataset, name: str) -> Video:
    """The video of a name, or the first one if it is empty."""
    videos = [dataset.get_data_info(index) for index in range(dataset.num_videos)]
    names = [video['video'] for video in videos]
    if name and name not in names:
        more = f' and {len(names) - 8} more' if len(names) > 8 else ''
        raise SystemExit(f'error: no such video: {name}; the test videos of the config are '
                         f'{", ".join(names[:8])}{more}')
    place = names.index(name) if name else 0
    return Video(names[place], sum(dataset.video_lengths[:place]), videos[place]['num_frames'],
                 videos[place]['given'][0])


def choose_frames(video: Video, frames: Sequence[int]) -> List[int]:
    """Check the query frames, or take the middle and the last of those that have a memory."""
    first, last = video.first_given + 1, video.length - 1
    if first > last:
        raise SystemExit(f'error: the video {video.name} has {video.length} frames and its first mask in frame '
                         f'{video.first_given}: no frame has a memory')
    for frame in frames:
        if not 0 <= frame <= last:
            raise SystemExit(f'error: no frame {frame} in the video {video.name}; its frames are 0..{last}')
        if frame < first:
            raise SystemExit(f'error: frame {frame} of the video {video.name} has no memory, since the first mask is '
                             f'given in frame {video.first_given}; choose one of the frames {first}..{last}')
    return sorted(set(frames or [(first + last) // 2, last]))


def load_model(config: Config, checkpoint: str) -> MatchingVOS:
    """Build the model of a config, with the weights of a checkpoint, to record what it matches."""
    model_class = MODELS.class_of(config.model)
    if not issubclass(model_class, MatchingVOS):
        raise SystemExit(f'error: {config.filename} has a {model_class.__name__}, which does not match pixels; choose '
                         'the config of a MatchingVOS')
    model = build_for_inference(config, checkpoint)
    model.test_cfg['record_matches'] = True
    return model.to(get_device())


def segment(model: MatchingVOS, dataset: VideoDataset, video: Video, frames: Sequence[int],
            label: str) -> Dict[int, VOSDataSample]:
    """Segment a video as far as the last of some frames; returns the results of these."""
    results = {}
    for index in tqdm(range(max(frames) + 1), desc=f'{label}: {video.name}', unit='frame'):
        item = dataset[video.start + index]
        result = model.test_step(dict(inputs=[item['inputs']], data_samples=[item['data_samples']]))[0]
        if index in frames:
            results[index] = result
    return results


def show_frame(dataset: VideoDataset, video: Video, index: int) -> ShownFrame:
    """A frame in its size on disk, with the ground truth if there is some."""
    item = dataset[video.start + index]
    sample = item['data_samples']
    image = cv2.resize(item['inputs'].permute(1, 2, 0).numpy(), sample.ori_shape[::-1], interpolation=cv2.INTER_LINEAR)
    return ShownFrame(sample.frame_name, image, sample.gt_mask.numpy() if 'gt_mask' in sample else None)


def choose_points(points: Sequence[Tuple[int, int]], number: int, seed: int, sample: VOSDataSample) -> np.ndarray:
    """Check the query pixels, or spread some over ground truth or, where there is none, prediction; (x, y) [P, 2]."""
    height, width = sample.ori_shape
    for x, y in points:
        if not (0 <= x < width and 0 <= y < height):
            raise SystemExit(f'error: the point {x},{y} lies outside of frame {sample.frame_index} of the video '
                             f'{sample.video}, which is {width}x{height} pixels: x is 0..{width - 1}, y is '
                             f'0..{height - 1}')
    if points:
        return np.array(points)
    mask = sample.get('gt_mask', sample.pred_mask)
    return sample_points(mask.cpu().numpy(), number, seed)


def match_points(sample: VOSDataSample, query: ShownFrame, memory: Dict[int, ShownFrame], points: np.ndarray,
                 label: str) -> PointMatches:
    """What a model matches some pixels of a frame to, and whether that is right.

    Args:
        sample: The model's result for the frame.
        query: The frame.
        memory: All memory frames that it matches, by index.
        points: (x, y), int64 [P, 2].
        label: Name of the model.
    """
    matches = sample.matches
    x, y = points.T
    rows = matches.grid.locate(sample.ori_shape).numpy()[y, x]
    weights, frames, locations = (part.numpy()[rows] for part in (matches.weights, matches.frames, matches.locations))
    objects = np.full(len(points), -1)
    if query.mask is not None:
        for place, i in enumerate((0, *sample.object_ids)):
            objects[query.mask[y, x] == i] = place
    pixels = {index: count_pixels(frame.mask, matches.grid, sample.object_ids)
              for index, frame in memory.items() if frame.mask is not None}
    return PointMatches(label, weights, frames, locations, judge_matches(objects, pixels, frames, locations),
                        matches.grid)


def count_pixels(mask: np.ndarray, grid: KeyGrid, object_ids: Sequence[int]) -> np.ndarray:
    """Pixels of background and each object in each location, [N + 1, h * w]."""
    return count_by_location(mask, grid.locate(mask.shape).numpy(), grid.size[0] * grid.size[1], object_ids)


def draw_frame(dataset: VideoDataset, video: Video, samples: Dict[str, VOSDataSample],
               args: argparse.Namespace) -> None:
    """Write the pictures of one frame, given each model's result for it."""
    sample = next(iter(samples.values()))
    query = show_frame(dataset, video, sample.frame_index)
    points = choose_points(args.points, args.num_points, args.seed, sample)
    matched = np.unique(np.concatenate([result.matches.frames.unique().numpy() for result in samples.values()]))
    memory = {index: show_frame(dataset, video, index) for index in matched.tolist() if index >= 0}
    panels = [match_points(result, query, memory, points, label) for label, result in samples.items()]
    shown = {index: memory[index] for index in most_matched_frames(panels, args.memory_frames)}
    for kind, picture in (('matches', draw_matches(query, shown, points, panels, args.top_k)),
                          ('heat', draw_heat_maps(query, shown, points, panels))):
        path = args.out / video.name / f'{sample.frame_name}_{kind}.png'
        write_image(path, picture)
        print(path)


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('config', help='a config file, or one that comes with vosreg by its path inside configs/')
    parser.add_argument('checkpoint', nargs='+', help='file, URL or zoo://NAME; several are drawn side by side')
    parser.add_argument('--labels', nargs='+', help='names of the checkpoints; by default FOLDER/FILE')
    parser.add_argument('--video', default='', help='name of a test video; by default the first')
    parser.add_argument(
        '--frame', nargs='+', type=int, default=[], help='query frames, from 0; by default the middle and the last')
    parser.add_argument(
        '--points', nargs='+', type=parse_point, default=[], metavar='X,Y',
        help='query pixels of the frame on disk; by default some are spread over objects and background')
    parser.add_argument('--num-points', type=int, default=10, help='how many to spread (default: %(default)s)')
    parser.add_argument('--seed', type=int, default=0, help='of their choice (default: %(default)s)')
    parser.add_argument(
        '--memory-frames', type=int, default=3,
        help='how many memory frames to draw, those that hold most of the affinity (default: %(default)s)')
    parser.add_argument('--top-k', type=int, default=5, help='lines for each query pixel (default: %(default)s)')
    parser.add_argument('--out', type=Path, default=Path('correspondence'), help='where to (default: %(default)s)')
    parser.add_argument('--cfg-options', nargs='+', action=DictAction, metavar='KEY=VALUE', help='change the config')
    parser.add_argument(
        '--trust-checkpoint', action='store_true', help='let a checkpoint run the code that it holds')
    args = parser.parse_args()
    args.labels = args.labels or ['/'.join(Path(name).with_suffix('').parts[-2:]) for name in args.checkpoint]
    if not len(args.labels) == len(args.checkpoint) == len(set(args.labels)):
        parser.error(f'{len(args.checkpoint)} checkpoints have the labels {", ".join(args.labels)}; give each its own '
                     'with --labels')
    for option, value, largest in (('--num-points', args.num_points, 99), ('--memory-frames', args.memory_frames, 12),
                                   ('--top-k', args.top_k, 99)):
        if not 1 <= value <= largest:
            parser.error(f'{option} is {value}; it must be in 1..{largest}')
    return args


@expected_errors()
def main() -> None:
    args = parse_args()
    allow_code(args.trust_checkpoint)
    config = load_config(args.config, args.cfg_options)
    require(config, 'test_dataloader')
    init_default_scope(config.get('default_scope', 'vosreg'))
    dataset = DATASETS.build(config.test_dataloader.dataset)
    video = find_video(dataset, args.video)
    frames = choose_frames(video, args.frame)
    # Wrong points are told before the time is spent; sampled ones need the results.
    for frame in frames if args.points else []:
        choose_points(args.points, args.num_points, args.seed, dataset[video.start + frame]['data_samples'])
    results = {label: segment(load_model(config, checkpoint), dataset, video, frames, label)
               for label, checkpoint in zip(args.labels, args.checkpoint)}
    for frame in frames:
        draw_frame(dataset, video, {label: result[frame] for label, result in results.items()}, args)


if __name__ == '__main__':
    main()
