"""Any folder of frames with a mask."""
from pathlib import Path
from typing import Dict, List, Optional, Sequence, Tuple, Union

from vosreg.fileio import object_ids, read_mask, read_names
from vosreg.registry import DATASETS

from .frame_files import list_folders, list_images
from .video_dataset import VideoDataset


@DATASETS.register_module()
class VideoFolderDataset(VideoDataset):
    """One video in a folder, or many in the sub-folders of a folder: BL30K, MOSE, LVOS, VOST, or your own.

    ``frames_root`` holds images (one video, named as the folder), or a sub-folder of images for each video. A mask has
    the name of its frame, and a frame with a mask in ``masks_root`` is given: a model may see that mask::

        frames_root/00000.jpg ...         masks_root/00000.png          one video
        frames_root/00000.jpg ...         first_mask.png                one video, masks_root is a file
        frames_root/VIDEO/00000.jpg ...   masks_root/VIDEO/00000.png    many videos

    A single mask file whose name is no frame's belongs to the first frame. Frames are jpg, jpeg, png, bmp or webp and
    follow each other in natural order of their names.

    Args:
        frames_root: The frames.
        masks_root: The given masks: palette PNGs, the index of a pixel is the id of its object. Without it the videos
            are unlabelled, which only training by correspondence can use.
        annotations_root: Ground truth for training and metrics, laid out as ``masks_root``; may be the same folder.
        given: 'all': every mask in ``masks_root`` is given. 'first': each object is given in the first mask that shows
            it, and the others are not shown; for masks of all frames, which are read once to find out.
        videos: Use only these videos: the names of their folders, or a text file with one a line.
        merge_objects: Any non-zero pixel is object 1: for black and white masks.
        **kwargs: See :class:`~vosreg.datasets.VideoDataset`.

    Raises:
        FileNotFoundError: There are no frames, or a video has no mask.
        ValueError: A mask has the name of no frame, several videos have one mask file, or unlabelled videos are to be
            tested.
    """

    def __init__(self,
                 frames_root: str,
                 masks_root: Optional[str] = None,
                 annotations_root: Optional[str] = None,
                 given: str = 'all',
                 videos: Union[str, Sequence[str], None] = None,
                 merge_objects: bool = False,
                 **kwargs) -> None:
        if given not in ('all', 'first'):
            raise ValueError(f"given is 'all' or 'first', not {given!r}")
        if masks_root is None and (annotations_root is not None or kwargs.get('test_mode')):
            raise ValueError(f'the videos in {frames_root} need masks_root: only training goes without masks, and '
                             'ground truth alone tells not which masks are given')
        self.masks_root = None if masks_root is None else Path(masks_root)
        self.annotations_root = None if annotations_root is None else Path(annotations_root)
        self.given = given
        self.videos = videos
        self.merge_objects = merge_objects
        super().__init__(data_root=str(frames_root), **kwargs)

    def load_data_list(self) -> List[dict]:
        """List the videos."""
        root = Path(self.data_root)
        if not root.is_dir():
            raise FileNotFoundError(f'no folder of frames at {root}: it should hold images, or a sub-folder of images '
                                    'for each video')
        if self.videos is None and list_images(root):
            return [self._list_video(root.resolve().name, '.')]
        if self.videos is not None:
            names = read_names(self.videos)
        else:
            names = [name for name in list_folders(root) if list_images(root / name)]
        for masks in (self.masks_root, self.annotations_root):
            if masks is not None and masks.is_file() and len(names) > 1:
                raise ValueError(f'{masks} is one mask, but {root} holds {len(names)} videos; give a folder with a '
                                 'sub-folder of masks for each video')
        return [self._list_video(name, name) for name in names]

    def _list_video(self, name: str, folder: str) -> dict:
        frames = list_images(Path(self.data_root) / folder)
        if not frames:
            raise FileNotFoundError(f'the video {name!r} has no frames in {Path(self.data_root) / folder}')
        if self.masks_root is None:
            return dict(video=name, num_frames=len(frames), frame_paths=list(frames.values()), given=[])
        masks = self._find_masks(self.masks_root, folder, frames)
        if not masks:
            raise FileNotFoundError(
                f'the video {name!r} has no mask: {self.masks_root / folder} should hold the mask of a frame under the '
                f'name of the frame, for example {next(iter(frames))}.png')
        if self.annotations_root == self.masks_root:
            annotations = masks  # The same strings, so that the list of a large data set is not larger than it must be.
        else:
            annotations = self._find_masks(self.annotations_root, folder, frames) if self.annotations_root else {}
        video = dict(
            video=name,
            num_frames=len(frames),
            frame_paths=list(frames.values()),
            mask_paths=[annotations.get(stem) for stem in frames],
            given=[index for index, stem in enumerate(frames) if stem in masks],
            given_mask_paths=[masks.get(stem) for stem in frames],
            merge_objects=self.merge_objects)
        if self.given == 'first' and self.test_mode:
            video['given_objects'] = self._first_frames(video)
            video['given'] = list(video['given_objects'])
        return video

    def _first_frames(self, video: dict) -> Dict[int, Tuple[int, ...]]:
        """Frame -> the objects that its mask is the first to show."""
        known, entering = set(), {}
        for index in video['given']:
            mask = read_mask(video['given_mask_paths'][index])
            ids = {1} if self.merge_objects and mask.any() else set(object_ids(mask))
            if ids - known:
                entering[index] = tuple(sorted(ids - known))
            known |= ids
        if not entering:
            raise ValueError(f'no mask of the video {video["video"]!r} shows an object, for example '
                             f'{video["given_mask_paths"][video["given"][0]]}')
        return entering

    @staticmethod
    def _find_masks(root: Path, folder: str, frames: Dict[str, str]) -> Dict[str, str]:
        """Frame stem -> mask path."""
        if root.is_file():
            return {root.stem if root.stem in frames else next(iter(frames)): str(root)}
        masks = list_images(root / folder)
        strangers = [path for stem, path in masks.items() if stem not in frames]
        if strangers:
            raise ValueError(f'{len(strangers)} masks have the name of no frame, the first is {strangers[0]}; the mask '
                             f'of a frame has its name, for example {next(iter(frames))}.png')
        return masks
