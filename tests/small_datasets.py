"""Small copies of the layouts of all data sets."""
import json
from pathlib import Path

import cv2
import numpy as np

from vosreg.datasets import DAVISDataset, VideoFolderDataset
from vosreg.datasets.discovery import proposals_path, write_proposals
from vosreg.fileio import write_image, write_mask

SIZE = (96, 128)


def draw_mask(ids):
    """Large objects side by side, so that no crop loses them all."""
    mask = np.zeros(SIZE, np.uint8)
    for place, object_id in enumerate(ids):
        mask[8:88, 8 + 60 * place:56 + 60 * place] = object_id
    return mask


def write_video(frames: Path, masks: Path, names, masked=None, ids=(1, 2)):
    """Noise, with the same objects in every mask."""
    rng = np.random.default_rng(0)
    mask = draw_mask(ids)
    for name in names:
        write_image(frames / f'{name}.jpg', cv2.resize(rng.integers(0, 256, (12, 16, 3), np.uint8), SIZE[::-1]))
    for name in names if masked is None else masked:
        write_mask(masks / f'{name}.png', mask)


def write_davis(root):
    names = [f'{index:05d}' for index in range(9)]
    write_video(root / 'JPEGImages' / '480p' / 'bear', root / 'Annotations' / '480p' / 'bear', names)
    for year in ('2016', '2017'):
        for split in ('train', 'val', 'test-dev'):
            path = root / 'ImageSets' / year / f'{split}.txt'
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text('bear\n')


def write_youtube_vos(root):
    names = [f'{5 * index:05d}' for index in range(9)]
    for split, masked in (('train_480p', None), ('valid', names[:1])):
        write_video(root / split / 'JPEGImages' / 'cat', root / split / 'Annotations' / 'cat', names, masked)
        objects = {str(i): dict(category='cat', frames=names) for i in (1, 2)}
        (root / split / 'meta.json').write_text(json.dumps(dict(videos=dict(cat=dict(objects=objects)))))
    between = [f'{5 * index + 2:05d}' for index in range(8)]
    write_video(root / 'valid_all_frames' / 'JPEGImages' / 'cat', root, sorted(names + between), masked=())


def write_folders(frames, masks, video='cat', prefix='', masked=None):
    write_video(frames / video, masks / video, [f'{prefix}{index:05d}' for index in range(9)], masked)


def write_discovered(root, dataset):
    """A region in each frame of every video, as if it were discovered."""
    for video in map(dataset.get_data_info, range(dataset.num_videos)):
        write_proposals(
            proposals_path(root, video['video']), 'small', video, {}, [draw_mask((1, ))] * video['num_frames'])


def write_photographs(root):
    """Scenes of one colour, and red discs cut out."""
    (root / 'cutouts').mkdir(parents=True)
    y, x = np.mgrid[-30:30, -30:30]
    disc = np.dstack([np.full((60, 60, 3), (30, 30, 200)), np.where(np.hypot(x, y) < 28, 255, 0)]).astype(np.uint8)
    for number in range(20):
        write_image(root / 'scenes' / f'{number:02d}.png', np.full((*SIZE, 3), (90, 100, 10 * number), np.uint8))
        cv2.imwrite(str(root / 'cutouts' / f'{number:02d}.png'), disc)


def write_datasets(root: Path) -> None:
    """All data sets in the places that the configs name, below a folder ``data``: videos of nine frames."""
    write_davis(root / 'DAVIS')
    for year in (2018, 2019):
        write_youtube_vos(root / f'YouTubeVOS{year}')
    write_folders(root / 'BL30K' / 'JPEGImages', root / 'BL30K' / 'Annotations')
    for name in ('MOSE', 'LVOS'):
        for split in ('train', 'valid'):
            masked = ['00000'] if (name, split) == ('MOSE', 'valid') else None
            write_folders(root / name / split / 'JPEGImages', root / name / split / 'Annotations', masked=masked)
    write_folders(root / 'VOST' / 'JPEGImages', root / 'VOST' / 'Annotations', prefix='frame')
    (root / 'VOST' / 'ImageSets').mkdir()
    for split in ('train', 'val'):
        (root / 'VOST' / 'ImageSets' / f'{split}.txt').write_text('cat\n')
        write_folders(root / 'BURST' / 'frames' / split, root / 'BURST' / 'masks' / split, video='HACS/cat')
        (root / 'BURST' / 'masks' / f'{split}.txt').write_text('HACS/cat\n')
    write_folders(root / 'OVIS' / 'train', root / 'OVIS' / 'masks' / 'train', prefix='img_')
    (root / 'OVIS' / 'masks' / 'train.txt').write_text('cat\n')
    for name in ('fss/ant/1', 'DUTS-TR/a', 'DUTS-TE/a', 'ecssd/a', 'BIG_small/a', 'HRSOD_small/a'):
        path = root / 'static' / name
        write_video(path.parent, path.parent, [path.name], ids=(255, ))
    write_photographs(root / 'photographs')
    write_folders(root / 'unlabelled', root / 'unlabelled', masked=())
    write_folders(root / 'frames', root / 'masks', masked=['00000'])
    write_discovered(root / 'proposals' / 'davis2017', DAVISDataset(root / 'DAVIS'))
    write_discovered(root / 'proposals' / 'unlabelled', VideoFolderDataset(root / 'unlabelled'))
