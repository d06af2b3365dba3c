"""Looking at images that lie beside their masks."""
from dataclasses import dataclass
from pathlib import Path

from .findings import Report


@dataclass(frozen=True)
class ImageFolder:
    """A folder of images x.jpg (or x_im.jpg) and beside them their grey masks x.png (or x_gt.png).

    Attributes:
        tree: Which tree it is of.
        folder: The folder.
        image_suffix: How the name of an image ends.
        mask_suffix: What the name of its mask has instead.
    """
    tree: str
    folder: Path
    image_suffix: str = '.jpg'
    mask_suffix: str = '.png'

    def check(self) -> Report:
        """Read all images and masks."""
        report = Report(self.tree)
        images, masks = {}, {}
        for path in sorted(path for path in self.folder.iterdir() if path.is_file()):
            if path.name[0] != '.' and path.name.endswith(self.image_suffix):
                images[path.name.removesuffix(self.image_suffix)] = path
            elif path.name[0] != '.' and path.name.endswith(self.mask_suffix):
                masks[path.name.removesuffix(self.mask_suffix)] = path
            else:
                report.add('extra-file', path, f'ends neither in {self.image_suffix} nor in {self.mask_suffix}')
        report.videos = report.frames = len(images)
        report.masks = report.objects = len(masks)
        for name, path in images.items():
            self._check_pair(report, path, masks.get(name, self.folder / f'{name}{self.mask_suffix}'))
        for name in sorted(masks.keys() - images.keys()):
            report.add('mask-without-frame', masks[name], f'there is no image {name}{self.image_suffix} beside it')
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
