"""Images with masks, each a video of one frame, from which the pipeline makes pseudo clips."""
from pathlib import Path
from typing import Dict, List, Optional, Sequence

import numpy as np

from vosreg.fileio import LARGEST_ID, natural_key
from vosreg.registry import DATASETS

from .video_dataset import VideoDataset


@DATASETS.register_module()
class StaticImageDataset(VideoDataset):
    """Images with one foreground mask each: FSS-1000, DUTS, ECSSD, HRSOD, BIG, or any other salient object data set.

    Masks are grey images, brighter than half where the object is. They lie beside the images, or in a tree of the same
    shape; folders may be nested::

        data_root/abalone/1.jpg   data_root/abalone/1.png                FSS-1000
        data_root/x.jpg           data_root/x.png                        the copies that STCN and XMem train with
        data_root/x.jpg           masks_root/x.png                       DUTS, ECSSD and HRSOD as they are released
        data_root/x_im.jpg        data_root/x_gt.png                     BIG as it is released

    Args:
        data_root: The images.
        masks_root: The masks, by default beside the images.
        image_suffix: How the name of an image ends, in small or capital letters.
        mask_suffix: What the name of its mask has instead.
        **kwargs: See :class:`~vosreg.datasets.VideoDataset`.

    Raises:
        FileNotFoundError: There is no such folder, or an image has no mask.
        ValueError: The names of two files differ in capital letters alone.
    """
    label_ids = (np.arange(256) > 127).astype(np.uint8)

    def __init__(self,
                 data_root: str,
                 masks_root: Optional[str] = None,
                 image_suffix: str = '.jpg',
                 mask_suffix: str = '.png',
                 **kwargs) -> None:
        self.masks_root = Path(masks_root or data_root)
        self.image_suffix = image_suffix
        self.mask_suffix = mask_suffix
        super().__init__(data_root=str(data_root), **kwargs)

    def load_data_list(self) -> List[dict]:
        """List the images."""
        images = _files_with(Path(self.data_root), self.image_suffix)
        masks = _files_with(self.masks_root, self.mask_suffix)
        missing = [name for name in images if name not in masks]
        if missing:
            raise FileNotFoundError(
                f'{len(missing)} of {len(images)} images in {self.data_root} have no mask, the first is '
                f'{images[missing[0]]}: its mask should be {self.masks_root / missing[0]}{self.mask_suffix}')
        return [dict(
            video=name,
            num_frames=1,
            frame_paths=[str(image)],
            mask_paths=[str(masks[name])],
            given=[0],
            label_ids=self.label_ids) for name, image in images.items()]


def _files_with(root: Path, suffix: str) -> Dict[str, Path]:
    """The files below a folder that end in ``suffix``, by their paths there without it, in natural order."""
    if not root.is_dir():
        raise FileNotFoundError(f'no folder of images or masks at {root}')
    files: Dict[str, Path] = {}
    for path in root.rglob('*'):
        if path.name[0] != '.' and path.name.lower().endswith(suffix.lower()):
            name = path.relative_to(root).as_posix()[:-len(suffix)]
            if name in files:
                raise ValueError(f'{files[name]} and {path} differ in capital letters alone: keep one of them')
            files[name] = path
    return {name: files[name] for name in sorted(files, key=natural_key)}


@DATASETS.register_module()
class SegmentationImageDataset(VideoDataset):
    """The images of any semantic segmentation data set of MMSegmentation; every class in an image is an object.

    Example::

        dict(type='SegmentationImageDataset', pipeline=...,
             dataset=dict(type='mmseg.ADE20KDataset', data_root='data/ADE20K',
                          data_prefix=dict(img_path='images/training', seg_map_path='annotations/training')))

    Args:
        dataset: Config of an ``mmseg.BaseSegDataset``; its own pipeline is not used.
        ignored_classes: Classes that are background.
        **kwargs: See :class:`~vosreg.datasets.VideoDataset`.

    Raises:
        ValueError: The data set has more classes than there are object ids.
    """

    def __init__(self, dataset: dict, ignored_classes: Sequence[str] = ('background', ), **kwargs) -> None:
        self.dataset = dict(dataset, pipeline=[], lazy_init=True)
        self.ignored_classes = tuple(ignored_classes)
        super().__init__(data_root=str(dataset.get('data_root', '')), **kwargs)

    def load_data_list(self) -> List[dict]:
        """List the images."""
        images = DATASETS.build(self.dataset)
        images.full_init()
        label_ids = self._label_ids(images.metainfo)
        image_root = Path(images.data_prefix['img_path'])
        infos = map(images.get_data_info, range(len(images)))
        return [dict(
            video=Path(info['img_path']).relative_to(image_root).with_suffix('').as_posix(),
            num_frames=1,
            frame_paths=[info['img_path']],
            mask_paths=[info['seg_map_path']],
            given=[0],
            label_ids=label_ids) for info in infos]

    def _label_ids(self, metainfo: dict) -> np.ndarray:
        """Class c is object c + 1; what is ignored becomes background."""
        classes = metainfo['classes']
        if len(classes) > LARGEST_ID:
            raise ValueError(f'{self.dataset["type"]} has {len(classes)} classes; masks hold {LARGEST_ID} '
                             'objects at most')
        labels = np.arange(256)
        if metainfo['reduce_zero_label']:
            labels -= 1
        # As mmseg does it: the label map is of labels that are already reduced.
        if metainfo['label_map'] is not None:
            labels = np.array([metainfo['label_map'].get(label, label) for label in labels])
        is_object = np.array([0 <= label < len(classes) and classes[label] not in self.ignored_classes
                              for label in labels])
        return np.where(is_object, labels + 1, 0).astype(np.uint8)
