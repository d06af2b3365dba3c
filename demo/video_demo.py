"""Segment a video, a folder of frames or a camera, and write or show the overlay as it comes.

Without a video, one is rendered. `vosreg segment` writes masks too and can be interrupted; this script shows how little
a program of your own needs.

Examples:
    python demo/video_demo.py
    python demo/video_demo.py video.mp4 --mask first_frame.png --out overlay.mp4
    python demo/video_demo.py 0 --box 200,100,440,380 --show     # camera 0, until q is pressed
"""
import argparse
from contextlib import nullcontext
from pathlib import Path
from typing import List, Tuple

import cv2
import numpy as np

from vosreg.apis import Boxes, VOSInferencer, open_frames
from vosreg.datasets import SyntheticVOS
from vosreg.datasets.transforms import RenderFrame
from vosreg.fileio import VideoWriter
from vosreg.visualization import overlay_mask


def render_video(num_frames: int = 24) -> Tuple[List[np.ndarray], np.ndarray]:
    """Frames of a rendered video and the mask of the first one."""
    video = SyntheticVOS(num_videos=1, num_frames=num_frames, split='val', test_mode=True, pipeline=[RenderFrame()])
    return [video[t]['image'] for t in range(num_frames)], video[0]['given_mask']


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('video', nargs='?', help='a video file, a folder or glob of frames, or the number of a camera')
    parser.add_argument('--mask', help='the mask of the first frame, a PNG whose pixels are object ids')
    parser.add_argument('--box', help='left,top,right,bottom of one object instead')
    parser.add_argument('--model', help='as of `vosreg segment`')
    parser.add_argument('--device', help='such as cpu or cuda:1; by default a GPU if there is one')
    parser.add_argument('--size', type=int, default=480, help='short side that the network sees (default: %(default)s)')
    parser.add_argument('--out', type=Path, help='the video to write; by default overlay.mp4 unless it is shown')
    parser.add_argument('--show', action='store_true', help='show it in a window')
    args = parser.parse_args()
    if args.video and not (args.mask or args.box):
        parser.error('give the object, with --mask or --box')
    if not args.show:
        args.out = args.out or Path('overlay.mp4')
    return args


def main() -> None:
    args = parse_args()
    if args.video:
        video = int(args.video) if args.video.isdecimal() else args.video
        masks = args.mask or Boxes([[float(number) for number in args.box.split(',')]])
    else:
        video, masks = render_video()

    inferencer = VOSInferencer(args.model, device=args.device, size=args.size)
    source = open_frames(video)
    with VideoWriter(args.out, source.fps) if args.out else nullcontext() as writer:
        for frame in inferencer.stream(source, masks):
            drawing = overlay_mask(frame.image, frame.mask)
            if writer:
                writer.write(drawing)
            if args.show:
                cv2.imshow('vosreg', cv2.cvtColor(drawing, cv2.COLOR_RGB2BGR))
                if cv2.waitKey(1) == ord('q'):
                    break
    if args.out:
        print(args.out)


if __name__ == '__main__':
    main()
