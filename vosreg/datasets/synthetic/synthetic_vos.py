"""Videos without a data set."""
from typing import List, Optional, Tuple

from vosreg.registry import DATASETS

from ..video_dataset import VideoDataset
from .pictures import find_pictures
from .scene import SceneRecipe

# Keeps the scenes of the splits apart.
SPLIT_SEEDS = {'train': 0, 'val': 1}


@DATASETS.register_module()
class SyntheticVOS(VideoDataset):
    """Clips rendered on the fly with exact masks, and exact dense flow on request.

    People, animals, bicycles, vehicles and things of random smooth shape move, deform, occlude each other and leave the
    frame, over a moving background, with look-alikes, unannotated distractors, changing light, blur and noise. A video
    is a pure function of the seed, the split, its number and the pictures.

    Args:
        num_videos: Number of videos.
        num_frames: Frames of each.
        size: (height, width) in pixels.
        num_objects: Least and most annotated objects of a video.
        split: ``train`` or ``val``; they share neither scenes nor pictures.
        clean: Without lighting change, shadows, blur and noise.
        shadows: Share of the videos in which figures cast shadows.
        pictures: A folder with photographs in ``scenes/`` and PNG files with an alpha channel, cropped to the thing, in
            ``cutouts/``, or one of them. Scenes become backdrops and textures, cut-outs become figures, beside the
            rendered ones. Of ten files of a kind the tenth is for ``val``.
        **kwargs: See :class:`VideoDataset`.

    Raises:
        FileNotFoundError: There is no such folder of pictures, or it holds none.
    """

    def __init__(self,
                 num_videos: int = 1000,
                 num_frames: int = 24,
                 size: Tuple[int, int] = (240, 320),
                 num_objects: Tuple[int, int] = (1, 4),
                 split: str = 'train',
                 clean: bool = False,
                 shadows: float = 0,
                 pictures: Optional[str] = None,
                 **kwargs) -> None:
        if split not in SPLIT_SEEDS:
            raise ValueError(f'the splits of SyntheticVOS are {", ".join(SPLIT_SEEDS)}, not {split!r}')
        self.num_scenes = num_videos
        self.split = split
        self.settings = dict(
            size=tuple(size), num_frames=num_frames, num_objects=tuple(num_objects), split=split, clean=clean,
            shadows=shadows, pictures=str(pictures or ''))
        find_pictures(split, self.settings['pictures'])
        super().__init__(**kwargs)

    def load_data_list(self) -> List[dict]:
        """One dict a video, with the recipe of its scene."""
        return [
            dict(
                video=f'{self.split}_{number:06d}',
                num_frames=self.settings['num_frames'],
                given=[0],
                scene=SceneRecipe(seed=(self.seed, SPLIT_SEEDS[self.split], number), **self.settings))
            for number in range(self.num_scenes)
        ]
