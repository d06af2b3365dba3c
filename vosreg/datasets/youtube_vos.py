"""YouTube-VOS 2018 and 2019, read as they are on disk."""
import json
from pathlib import Path
from typing import Dict, List, Optional, Sequence, Union

import numpy as np

from vosreg.fileio import read_names
from vosreg.registry import DATASETS

from .frame_files import list_folders, list_images
from .video_dataset import VideoDataset


@DATASETS.register_module()
class YouTubeVOSDataset(VideoDataset):
    """YouTube-VOS (Xu et al., ECCV 2018): annotated every fifth frame, and objects may appear late.

    The tree under ``data_root``, the same for 2018 and 2019::

        SPLIT/JPEGImages/VIDEO/00000.jpg
        SPLIT/Annotations/VIDEO/00000.png
        SPLIT/meta.json                  which objects a video has, their categories, and the frames they are in

    In testing an object is given at the first of its frames that has a mask; of that mask only the objects that are new
    there are shown. Objects that ``meta.json`` does not list are background. A mask on a frame where objects are given
    need not show the others, so it is no ground truth; the remaining masks are. The listed frames of all objects are
    those that the server wants results for. Training needs no ``meta.json``.

    Args:
        data_root: The folder of the tree above.
        split: 'train', 'valid', 'test', or the name of another folder of the tree, such as 'train_480p'.
        all_frames: ``JPEGImages`` folder with every frame of the split's videos, for testing with all frames;
            results are still wanted for the listed ones only.
        annotations: Folder ``VIDEO/00000.png`` whose masks show every object and so are ground truth for testing, in
            place of the remaining masks.
        videos: Use only these videos: their names, or a text file with one a line, such as the cleaned list of 3464
            training videos that STCN and XMem use.
        **kwargs: See :class:`~vosreg.datasets.VideoDataset`.

    Raises:
        FileNotFoundError: A part of the tree, a video's frames or an object's first mask is missing.
        ValueError: ``meta.json`` is broken, or a mask or a listed frame has no image.
    """
    submission_root = 'Annotations'

    def __init__(self,
                 data_root: str,
                 split: str = 'train',
                 all_frames: Optional[str] = None,
                 annotations: Optional[str] = None,
                 videos: Union[str, Sequence[str], None] = None,
                 **kwargs) -> None:
        self.root = Path(data_root) / split
        self.frames_root = self.root / 'JPEGImages' if all_frames is None else Path(all_frames)
        self.annotations = None if annotations is None else Path(annotations)
        self.videos = videos
        super().__init__(data_root=str(data_root), **kwargs)

    def load_data_list(self) -> List[dict]:
        """List the videos of the split."""
        if not self.frames_root.is_dir():
            raise FileNotFoundError(
                f'no YouTube-VOS at {self.root}: there is no folder {self.frames_root}. The tree should hold '
                f'JPEGImages/VIDEO/00000.jpg, Annotations/VIDEO/00000.png and meta.json')
        meta = read_meta(self.root / 'meta.json') if self.test_mode else {}
        if self.videos is None:
            return [self._list_video(name, meta) for name in meta or list_folders(self.frames_root)]
        return [self._list_video(name, meta) for name in read_names(self.videos)]

    def _list_video(self, name: str, meta: Dict[str, dict]) -> dict:
        frames = list_images(self.frames_root / name)
        if not frames:
            raise FileNotFoundError(f'the YouTube-VOS video {name!r} has no frames in {self.frames_root / name}')
        masks = list_images(self.root / 'Annotations' / name)
        strangers = [path for stem, path in masks.items() if stem not in frames]
        if strangers:
            raise ValueError(f'{len(strangers)} masks of the video {name!r} have no frame in '
                             f'{self.frames_root / name}, the first is {strangers[0]}')
        video = dict(
            video=name,
            num_frames=len(frames),
            frame_paths=list(frames.values()),
            frame_step=frame_step(list(frames)),
            mask_paths=[masks.get(stem) for stem in frames],
            given=[index for index, stem in enumerate(frames) if stem in masks][:1])
        if self.test_mode:
            if name not in meta:
                raise ValueError(f'{self.root / "meta.json"} lists no video {name!r}')
            video.update(self._protocol(name, meta[name], list(frames), masks))
        return video

    def _protocol(self, name: str, objects: Dict[int, dict], frames: List[str], masks: Dict[str, str]) -> dict:
        """Which objects are given where, what is ground truth, and the frames that the server wants."""
        place = {stem: index for index, stem in enumerate(frames)}
        unknown = [stem for entry in objects.values() for stem in entry['frames'] if stem not in place]
        if unknown:
            raise ValueError(f'{self.root / "meta.json"} lists the frame {unknown[0]} of the video {name!r}, which has '
                             f'no image in {self.frames_root / name}')
        given_objects: Dict[int, tuple] = {}
        for object_id, entry in objects.items():
            first = next((stem for stem in entry['frames'] if stem in masks), None)
            if first is None:
                raise FileNotFoundError(
                    f'the object {object_id} of the video {name!r} has no mask: according to meta.json it appears at '
                    f'{self.root / "Annotations" / name / entry["frames"][0]}.png')
            given_objects[place[first]] = (*given_objects.get(place[first], ()), object_id)
        truth = list_images(self.annotations / name) if self.annotations else {
            stem: path for stem, path in masks.items() if place[stem] not in given_objects}
        return dict(
            given=sorted(given_objects),
            given_objects=given_objects,
            given_mask_paths=[masks.get(stem) for stem in frames],
            mask_paths=[truth.get(stem) for stem in frames],
            result_frames=sorted({place[stem] for entry in objects.values() for stem in entry['frames']}),
            categories={object_id: entry.get('category', '') for object_id, entry in objects.items()})


def read_meta(path: Path) -> Dict[str, Dict[int, dict]]:
    """Read a ``meta.json`` of YouTube-VOS.

    Args:
        path: The file.

    Returns:
        Video -> object id, ascending -> ``frames``, the names of the frames it is in, ascending, and ``category``.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: The file is broken.
    """
    if not path.is_file():
        raise FileNotFoundError(f'no {path}: it tells which objects a video has and when each appears')
    try:
        meta = {
            video: {
                int(object_id): dict(entry, frames=sorted(entry['frames']))
                for object_id, entry in sorted(content['objects'].items(), key=lambda item: int(item[0]))
            }
            for video, content in json.loads(path.read_text())['videos'].items()
        }
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        layout = '{"videos": {VIDEO: {"objects": {"1": {"category": ..., "frames": ["00000", ...]}}}}}'
        raise ValueError(f'{path} is no meta.json of YouTube-VOS ({error!r}); it should hold {layout}') from error
    empty = [(video, object_id) for video, objects in meta.items() for object_id, entry in objects.items()
             if not entry['frames']]
    if empty:
        raise ValueError(f'{path} lists no frame of the object {empty[0][1]} of the video {empty[0][0]!r}')
    return meta


def frame_step(names: Sequence[str]) -> int:
    """Frames of the video from one file to the next: 5 for 00000, 00005, 00010, and 1 where names are no numbers."""
    if len(names) < 2 or not all(name.isdecimal() for name in names):
        return 1
    return max(1, int(np.median(np.diff([int(name) for name in names]))))
