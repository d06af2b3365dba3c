"""What can be wrong with a data set, and reading files without stopping at the first bad one."""
from dataclasses import dataclass, field
from pathlib import Path
from typing import Dict, List, Optional, Tuple

import numpy as np
from PIL import Image

from vosreg.fileio import UnreadableImageError, natural_key, read_image, read_mask

from ..frame_files import IMAGE_SUFFIXES

KINDS = {
    'unreadable': 'the file is truncated or not an image',
    'size': 'a frame differs in size from the others of its video, or a mask from its frame',
    'no-frames': 'a video has no frames',
    'missing-mask': 'a frame that should have a mask has none',
    'mask-without-frame': 'a mask has the name of no frame',
    'empty-first-mask': 'the first mask of a video shows no object',
    'not-palette': 'a mask is no palette PNG',
    'void': 'a mask has pixels of 255, which is void',
    'high-id': 'a mask holds ids above 255',
    'id-gap': 'the ids of a video leave out numbers',
    'extra-file': 'a file that is no frame or mask',
    'meta': 'meta.json and the files disagree',
    'split': 'a split file lists a video that is not there',
}


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong.

    Attributes:
        kind: One of :data:`KINDS`.
        path: The file.
        message: What is wrong with it.
    """
    kind: str
    path: Path
    message: str


@dataclass
class Report:
    """What was found in one video, one folder of images, or one tree.

    Attributes:
        tree: Which tree it is of.
        videos: Number of videos.
        frames: Number of frames.
        masks: Number of masks.
        objects: Number of objects.
        findings: What is wrong.
    """
    tree: str
    videos: int = 0
    frames: int = 0
    masks: int = 0
    objects: int = 0
    findings: List[Finding] = field(default_factory=list)

    def add(self, kind: str, path: Path, message: str) -> None:
        """Note that something is wrong."""
        self.findings.append(Finding(kind, path, message))

    def list_images(self, folder: Optional[Path]) -> Dict[str, Path]:
        """File stem -> path of a folder's images in natural order; notes all other files. Empty without a folder."""
        images: Dict[str, Path] = {}
        if folder is None or not folder.is_dir():
            return images
        for path in sorted(folder.iterdir(), key=lambda path: natural_key(path.name)):
            if path.is_dir():
                continue
            if path.suffix.lower() not in IMAGE_SUFFIXES or path.name[0] == '.':
                self.add('extra-file', path, 'is neither a frame nor a mask')
            elif path.stem in images:
                self.add('extra-file', path, f'has the name of {images[path.stem].name}')
            else:
                images[path.stem] = path
        return images

    def read_size(self, path: Path) -> Optional[Tuple[int, int]]:
        """(H, W) of an image that can be decoded to its end, else None and a note."""
        try:
            return read_image(path).shape[:2]
        except (UnreadableImageError, OSError) as error:
            self.add('unreadable', path, str(error))
            return None

    def read_mask(self, path: Path, palette: bool = True) -> Optional[np.ndarray]:
        """A mask uint8 [H, W], or None and a note.

        Args:
            path: The file.
            palette: Whether it should be a palette PNG; else it is a grey image.
        """
        try:
            with Image.open(path) as image:
                mode = image.mode
            mask = read_mask(path, lossy=not palette)
        except (UnreadableImageError, OSError, SyntaxError, Image.DecompressionBombError) as error:
            self.add('unreadable', path, str(error))
            return None
        except ValueError as error:
            self.add('high-id' if 'ids go up to' in str(error) else 'not-palette', path, str(error))
            return None
        if palette and mode != 'P':
            self.add('not-palette', path, f'is of mode {mode}; a mask should be a palette PNG (mode P)')
        return mask
