"""Looking at images and their grey masks."""
from dataclasses import dataclass
from pathlib import Path
from typing import List, Optional

from .findings import Report


@dataclass(frozen=True)
class ImageFolder:
    """A folder of images x.jpg (or x_im.jpg) and their grey masks x.png (or x_gt.png), beside them or apart.

    Attributes:
        tree: Which tree it is of.
        folder: The folder.
        image_suffix: How the name of an image ends.
        mask_suffix: What the name of its mask has instead.
        masks: The folder of the masks; None if they lie beside the images.
    """
    tree: str
    folder: Path
    image_suffix: str = '.jpg'
    mask_suffix: str = '.png'
    masks: Optional[Path] = None

    def check(self) -> Report:
        """Read all images and masks."""
        report = Report(self.tree)
        masks_folder = self.masks or self.folder
        images, masks = {}, {}
        for path in _files(*dict.fromkeys((self.folder, masks_folder))):
            if path.name[0] != '.' and path.parent == self.folder and path.name.endswith(self.image_suffix):
                images[path.name.removesuffix(self.image_suffix)] = path
            elif path.name[0] != '.' and path.parent == masks_folder and path.name.endswith(self.mask_suffix):
                masks[path.name.removesuffix(self.mask_suffix)] = path
            else:
                report.add('extra-file', path, f'is neither an image (*{self.image_suffix} in {self.folder}) nor a '
                           f'mask (*{self.mask_suffix} in {masks_folder})')
        report.videos = report.frames = len(images)
        report.masks = report.objects = len(masks)
        for name, path in images.items():
            self._check_pair(report, path, masks.get(name, masks_folder / f'{name}{self.mask_suffix}'))
        for name in sorted(masks.keys() - images.keys()):
            report.add('mask-without-frame', masks[name], f'there is no image {self.folder / name}{self.image_suffix}')
        return report

    @staticmethod
    def _check_pair(report: Report, image_path: Path, mask_path: Path) -> None:
        size = report.read_size(image_path)
        if not mask_path.is_file():
            report.add('missing-mask', mask_path, f'is missing: the mask of {image_path}')
            return
        mask = report.read_mask(mask_path, palette=False)
        if mask is None:
            return
        if size is not None and mask.shape != size:
            report.add('size', mask_path, f'is {mask.shape[1]}x{mask.shape[0]} pixels, its image {size[1]}x{size[0]}')
        if not (mask > 127).any():
            report.add('empty-first-mask', mask_path, 'is nowhere brighter than half, so it shows no object')


def _files(*folders: Path) -> List[Path]:
    """The files in folders, of which some may be missing."""
    return [path for folder in folders if folder.is_dir() for path in sorted(folder.iterdir()) if path.is_file()]
