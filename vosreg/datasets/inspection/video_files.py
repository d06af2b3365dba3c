"""Looking at every file of one video."""
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Dict, List, Optional, Sequence, Set

import numpy as np

from vosreg.fileio import VOID_ID, object_ids

from .findings import Report


@dataclass(frozen=True)
class VideoFiles:
    """A video on disk.

    Attributes:
        tree: Which tree it is of.
        frames: Folder of the frames.
        masks: Folder of the masks, or None if the tree has none.
        meta_path: The ``meta.json`` of the tree, or None.
        objects: What it says of this video: object id -> ``frames``, names in ascending order; None if nothing.
    """
    tree: str
    frames: Path
    masks: Optional[Path]
    meta_path: Optional[Path] = None
    objects: Optional[Dict[int, dict]] = None

    def check(self) -> Report:
        """Read all frames and masks."""
        report = Report(self.tree, videos=1)
        frames, masks = report.list_images(self.frames), report.list_images(self.masks)
        report.frames, report.masks = len(frames), len(masks)
        if not frames:
            report.add('no-frames', self.frames, 'holds no frame')
        sizes = {stem: size for stem, path in frames.items() if (size := report.read_size(path))}
        usual = Counter(sizes.values()).most_common(1)[0][0] if sizes else None
        for stem, size in sizes.items():
            if size != usual:
                report.add('size', frames[stem], f'is {_format(size)} pixels, most frames are {_format(usual)}')

        ids: Dict[str, Set[int]] = {}
        for stem, path in masks.items():
            if stem not in frames:
                report.add('mask-without-frame', path, f'there is no frame {stem} in {self.frames}')
            mask = report.read_mask(path)
            if mask is None:
                continue
            size = sizes.get(stem, usual)
            if size and mask.shape != size:
                report.add('size', path, f'is {_format(mask.shape)} pixels, its frame {_format(size)}')
            if (mask == VOID_ID).any():
                report.add('void', path, f'has {np.count_nonzero(mask == VOID_ID)} pixels of {VOID_ID}')
            if stem == next(iter(masks)) and not mask.any():
                report.add('empty-first-mask', path, 'shows no object')
            ids[stem] = set(object_ids(mask))
        self._check_masks(report, list(frames), masks, ids)
        if self.objects is not None:
            self._check_meta(report, frames, masks, ids)
        return report

    def _check_masks(self, report: Report, frames: Sequence[str], masks: Dict[str, Path], ids: Dict[str, Set[int]]):
        if self.masks is None:
            return
        for stem in self._missing(frames, masks):
            report.add('missing-mask', self.masks / f'{stem}.png', f'is missing: the mask of {self.frames / stem}')
        seen = set().union(*ids.values())
        report.objects = len(seen)
        absent = sorted(set(range(1, max(seen, default=0))) - seen)
        if absent:
            report.add('id-gap', self.masks, f'holds the ids {_list(seen)}, but not {_list(absent)}')

    def _missing(self, frames: Sequence[str], masks: Dict[str, Path]) -> List[str]:
        """The frames that should have a mask: the first one, and those which regular gaps between masks leave out."""
        annotated = [index for index, stem in enumerate(frames) if stem in masks]
        starts = [entry['frames'][0] for entry in (self.objects or {}).values()]
        expected = {frames.index(min(starts))} if starts and min(starts) in frames else {0} if frames else set()
        gaps = Counter(np.diff(annotated).tolist()).most_common(1)
        if len(annotated) > 2 and 2 * gaps[0][1] > len(annotated) - 1:
            gap = gaps[0][0]
            for start, end in zip([annotated[0] % gap - gap, *annotated], [*annotated, len(frames)]):
                expected.update(range(start + gap, end, gap))
        return [frames[index] for index in sorted(expected - set(annotated))]

    def _check_meta(self, report: Report, frames: Dict[str, Path], masks: Dict[str, Path], ids: Dict[str, Set[int]]):
        name = self.frames.name
        for object_id, entry in self.objects.items():
            absent = [stem for stem in entry['frames'] if stem not in frames]
            if absent:
                report.add('meta', self.meta_path, f'lists {len(absent)} frames of object {object_id} of {name} that '
                           f'are not there, the first is {absent[0]}')
            first = next((stem for stem in entry['frames'] if stem in masks), None)
            if first is None:
                report.add('meta', self.meta_path, f'lists object {object_id} of {name}, for which there is no mask')
            elif first in ids and object_id not in ids[first]:
                report.add('meta', masks[first], f'does not show object {object_id}, which appears here')
        for stem, seen in ids.items():
            unlisted = seen - self.objects.keys()
            if unlisted:
                report.add('meta', masks[stem], f'shows the objects {_list(unlisted)}, which meta.json does not list')


def _format(size: Sequence[int]) -> str:
    return f'{size[1]}x{size[0]}'


def _list(ids: Set[int]) -> str:
    return ', '.join(map(str, sorted(ids)))
