"""Finding the videos and images below a folder, whatever data set it is."""
import os
from pathlib import Path
from typing import Dict, List, Optional, Set, Tuple, Union

from ..frame_files import IMAGE_SUFFIXES, read_split
from ..youtube_vos import read_meta
from .findings import Report
from .image_pairs import ImageFolder
from .video_files import VideoFiles

Work = List[Union[VideoFiles, ImageFolder]]


def find_work(root: Path) -> Tuple[Work, List[Report]]:
    """List what is to be checked.

    A folder that holds ``JPEGImages`` is a tree of videos, in which every folder of files is one and ``Annotations``
    has the same shape: DAVIS, YouTube-VOS and all that are laid out as they are. Several may lie below ``root``. If
    there is none, ``root`` holds images beside their masks.

    Args:
        root: A data set, or a folder of data sets.

    Returns:
        The videos and folders of images, each with a method ``check`` that returns a :class:`Report`, and reports of
        what concerns whole trees.

    Raises:
        FileNotFoundError: There is no such folder, or it holds no images.
    """
    _check_folders(root)
    work: Work = []
    reports = []
    for folder in _folders_with_frames(root):
        reports.append(Report(_label(folder, root)))
        videos = _list_videos(folder / 'JPEGImages', folder / 'Annotations', folder / 'meta.json', reports[-1])
        _check_splits(folder / 'ImageSets', {video.frames.name for video in videos}, reports[-1])
        work += videos
    if not work:
        work = _list_image_folders(root)
    if not work:
        raise FileNotFoundError(f'{root} holds neither a folder JPEGImages, also not deeper, nor images')
    return work, reports


def find_videos(frames_root: Path, masks_root: Optional[Path] = None) -> Tuple[Work, List[Report]]:
    """List the videos that :class:`~vosreg.datasets.VideoFolderDataset` reads.

    Args:
        frames_root: The frames of a video, or folders of frames.
        masks_root: The masks, in a tree of the same shape; None if there are none.

    Returns:
        As :func:`find_work`.

    Raises:
        FileNotFoundError: There is no such folder, or it holds nothing.
    """
    _check_folders(frames_root, masks_root)
    report = Report(_label(frames_root, frames_root))
    videos = _list_videos(frames_root, masks_root, None, report)
    if not videos:
        raise FileNotFoundError(f'{frames_root} holds neither frames nor folders of frames')
    return videos, [report]


def find_images(root: Path, masks_root: Optional[Path], image_suffix: str,
                mask_suffix: str) -> Tuple[Work, List[Report]]:
    """List the folders of images and masks that :class:`~vosreg.datasets.StaticImageDataset` reads.

    Args:
        root: The images, in nested folders too.
        masks_root: The masks, in a tree of the same shape; None if they lie beside the images.
        image_suffix: How the name of an image ends.
        mask_suffix: What the name of its mask has instead.

    Returns:
        As :func:`find_work`.

    Raises:
        FileNotFoundError: There is no such folder.
    """
    roots = [root] if masks_root is None else [root, masks_root]
    _check_folders(*roots)
    places = sorted({folder.relative_to(top) for top in roots for folder in _folders_with_files(top)})
    label = _label(root, root)
    return [ImageFolder(label, root / place, image_suffix, mask_suffix, masks_root and masks_root / place)
            for place in places], []


def _check_folders(*folders: Optional[Path]) -> None:
    for folder in folders:
        if folder is not None and not folder.is_dir():
            raise FileNotFoundError(f'no folder {folder}')


def _label(folder: Path, root: Path) -> str:
    return root.resolve().name if folder == root else folder.relative_to(root).as_posix()


def _list_image_folders(root: Path) -> Work:
    folders = [folder for folder in _folders_with_files(root)
               if any(path.suffix.lower() in IMAGE_SUFFIXES for path in folder.iterdir())]
    parts = {folder: folder.relative_to(root).parts for folder in folders}
    # FSS-1000 has a folder a class: these are one data set, be it root or a folder of root.
    is_one = max(map(len, parts.values()), default=0) < 2
    work: Work = []
    for folder in folders:
        label = root.resolve().name if is_one else parts[folder][0] if parts[folder] else '.'
        is_big = any(path.name.endswith('_im.jpg') for path in folder.iterdir())
        work.append(ImageFolder(label, folder, *(('_im.jpg', '_gt.png') if is_big else ())))
    return work


def _folders_with_frames(root: Path) -> List[Path]:
    found = []
    for folder, names, _ in os.walk(root, followlinks=True):
        names.sort()
        if 'JPEGImages' in names:
            found.append(Path(folder))
            names[:] = [name for name in names if name not in ('JPEGImages', 'Annotations')]
    return found


def _folders_with_files(root: Path) -> List[Path]:
    """The folders below (and with) a folder that hold files, and the empty ones without sub-folders."""
    return sorted(Path(folder) for folder, names, files in os.walk(root, followlinks=True)
                  if files or (not names and Path(folder) != root))


def _list_videos(frames_root: Path, masks_root: Optional[Path], meta_path: Optional[Path],
                 report: Report) -> List[VideoFiles]:
    """The videos of a tree; what lies beside them is noted."""
    folders = _folders_with_files(frames_root)
    parents = {folder.parent for folder in folders} & {frames_root, *folders}
    meta = _read_meta(meta_path, report) if meta_path else None
    for name in sorted(meta.keys() - {folder.name for folder in folders}) if meta else ():
        report.add('meta', meta_path, f'lists the video {name}, which has no folder in {frames_root}')
    videos = []
    for folder in folders:
        if folder in parents:
            _note_files(folder, 'extra-file', 'lies beside the folders of the videos', report)
            continue
        if meta is not None and folder.name not in meta:
            report.add('meta', meta_path, f'does not list the video {folder.name}, whose frames are in {folder}')
        masks = masks_root and masks_root / folder.relative_to(frames_root)
        videos.append(VideoFiles(report.tree, folder, masks if masks and masks.parent.is_dir() else None,
                                 meta_path, None if meta is None else meta.get(folder.name)))
    if masks_root:
        _note_stray_masks(masks_root, {video.masks for video in videos if video.masks}, report)
    return videos


def _note_stray_masks(masks_root: Path, known: Set[Path], report: Report) -> None:
    beside = {masks_root, *(folder.parent for folder in known)} - known
    for folder in _folders_with_files(masks_root):
        if folder in beside:
            _note_files(folder, 'extra-file', 'lies beside the folders of the videos', report)
        elif folder not in known:
            _note_files(folder, 'mask-without-frame', f'the video {folder.name} has no folder of frames', report)


def _note_files(folder: Path, kind: str, message: str, report: Report) -> None:
    for path in sorted(path for path in folder.iterdir() if path.is_file()):
        report.add(kind, path, message)


def _read_meta(path: Path, report: Report) -> Optional[Dict[str, dict]]:
    if not path.is_file():
        return None
    try:
        return read_meta(path)
    except ValueError as error:
        report.add('meta', path, str(error))
        return None


def _check_splits(folder: Path, videos: set, report: Report) -> None:
    for path in sorted(folder.rglob('*.txt')) if folder.is_dir() else ():
        for name in read_split(path):
            if name not in videos:
                report.add('split', path, f'lists the video {name}, which has no frames')
