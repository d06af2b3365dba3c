"""DAVIS 2016 and 2017, read as they are on disk."""
from pathlib import Path
from typing import List, Sequence, Union

from vosreg.fileio import read_names
from vosreg.registry import DATASETS

from .frame_files import list_folders, list_images, read_split
from .video_dataset import VideoDataset


@DATASETS.register_module()
class DAVISDataset(VideoDataset):
    """DAVIS: every frame of a sequence is annotated, all objects are given in frame 0.

    The tree under ``data_root``::

        JPEGImages/480p/SEQ/00000.jpg
        Annotations/480p/SEQ/00000.png
        ImageSets/2017/val.txt            one sequence a line

    DAVIS 2016 (Perazzi et al., CVPR 2016) is the same with all objects of a sequence merged into one, id 1; there any
    non-zero pixel is object, 255 too. In DAVIS 2017 (Pont-Tuset et al., arXiv 1704.00675) 255 is void and is read as
    background. The split files of the first release (``ImageSets/480p/val.txt``, one pair of paths a line) are
    understood too.

    Args:
        data_root: The folder of the tree above.
        year: 2016 (one merged object) or 2017.
        split: Name of the split file: 'train', 'val', 'trainval', 'test-dev', ...
        resolution: '480p' or 'Full-Resolution': the folder below JPEGImages and Annotations.
        videos: Use these sequences instead of a split's: their names, or a text file with one a line.
        **kwargs: See :class:`~vosreg.datasets.VideoDataset`.

    Raises:
        FileNotFoundError: A part of the tree, or a sequence's frames or masks, is missing.
    """

    def __init__(self,
                 data_root: str,
                 year: int = 2017,
                 split: str = 'train',
                 resolution: str = '480p',
                 videos: Union[str, Sequence[str], None] = None,
                 **kwargs) -> None:
        if int(year) not in (2016, 2017):
            raise ValueError(f'DAVIS has the years 2016 and 2017, not {year}')
        self.year = int(year)
        self.split = split
        self.resolution = resolution
        self.videos = videos
        super().__init__(data_root=str(data_root), **kwargs)

    def load_data_list(self) -> List[dict]:
        """List the sequences of the split."""
        root = Path(self.data_root)
        frames_root = root / 'JPEGImages' / self.resolution
        if not frames_root.is_dir():
            raise FileNotFoundError(
                f'no DAVIS data set at {root}: there is no folder {frames_root}. The tree should hold '
                f'JPEGImages/{self.resolution}/SEQ/00000.jpg, Annotations/{self.resolution}/SEQ/00000.png and '
                f'ImageSets/{self.year}/{self.split}.txt')
        names = self._read_split() if self.videos is None else read_names(self.videos)
        return [self._list_video(name) for name in names]

    def _read_split(self) -> List[str]:
        root = Path(self.data_root)
        # The second place is that of the first release of DAVIS 2016.
        candidates = [root / 'ImageSets' / folder / f'{self.split}.txt' for folder in (str(self.year), self.resolution)]
        path = next((path for path in candidates if path.is_file()), None)
        if path is None:
            found = sorted(path.stem for path in candidates[0].parent.glob('*.txt'))
            raise FileNotFoundError(f'DAVIS has no split file {candidates[0]}; the splits there are: '
                                    f'{", ".join(found) or "none"}')
        return read_split(path)

    def _list_video(self, name: str) -> dict:
        root = Path(self.data_root)
        frames_root = root / 'JPEGImages' / self.resolution
        frames = list_images(frames_root / name)
        if not frames:
            raise FileNotFoundError(f'the DAVIS sequence {name!r} has no frames in {frames_root / name}; '
                                    f'{frames_root} holds {len(list_folders(frames_root))} sequences')
        masks = list_images(root / 'Annotations' / self.resolution / name)
        mask_paths = [masks.get(stem) for stem in frames]
        if mask_paths[0] is None:
            raise FileNotFoundError(f'the DAVIS sequence {name!r} has no mask for its first frame: '
                                    f'{root / "Annotations" / self.resolution / name / next(iter(frames))}.png')
        return dict(
            video=name,
            num_frames=len(frames),
            frame_paths=list(frames.values()),
            mask_paths=mask_paths,
            given=[0],
            merge_objects=self.year == 2016)
