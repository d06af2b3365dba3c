"""tools/dataset_converters/check_dataset.py on good data, and on data damaged in every way it knows."""
import json
import shutil
import subprocess
import sys

import cv2
import numpy as np
import pytest
from golden import REPOSITORY
from PIL import Image

from vosreg.datasets.inspection import KINDS, Report, find_videos, find_work
from vosreg.fileio import write_image, write_mask

SIZE = (24, 32)


def mask_of(*ids):
    mask = np.zeros(SIZE, np.uint8)
    for place, object_id in enumerate(ids):
        mask[4:10, 8 * place + 1:8 * place + 7] = object_id
    return mask


def image_of(size=SIZE):
    return cv2.resize(np.random.default_rng(0).integers(0, 256, (4, 4, 3), np.uint8), size[::-1])


class Tree:
    """Videos of 5 frames in YouTube-VOS layout, every frame annotated, with the objects 1 and 2."""

    def __init__(self, root, videos):
        self.root = root
        for video in videos:
            for index in range(5):
                write_image(self.frame(video, index), image_of())
                write_mask(self.mask(video, index), mask_of(1, 2))
        self.meta = {video: {str(i): dict(category='cat', frames=[f'{t:05d}' for t in range(5)]) for i in (1, 2)}
                     for video in videos}
        self.write_meta()

    def frame(self, video, index):
        return self.root / 'JPEGImages' / video / f'{index:05d}.jpg'

    def mask(self, video, index):
        return self.root / 'Annotations' / video / f'{index:05d}.png'

    def write_meta(self):
        videos = {video: dict(objects=objects) for video, objects in self.meta.items()}
        (self.root / 'meta.json').write_text(json.dumps(dict(videos=videos)))


def find(root):
    """{(kind, path relative to the root)}, and the reports."""
    work, reports = find_work(root)
    reports = reports + [unit.check() for unit in work]
    found = [(finding.kind, finding.path.relative_to(root).as_posix())
             for report in reports for finding in report.findings]
    assert len(set(found)) == len(found), 'nothing is told twice'
    return set(found), reports


def run(*arguments):
    command = [sys.executable, REPOSITORY / 'tools' / 'dataset_converters' / 'check_dataset.py', *arguments]
    return subprocess.run(list(map(str, command)), capture_output=True, text=True)


DAMAGES = ('good', 'truncated', 'no image', 'frame size', 'mask size', 'grey', 'colours', 'void', '16 bit', 'gap',
           'missing', 'missing first', 'no masks', 'stray mask', 'extra', 'empty', 'no frames', 'unlisted',
           'unlisted object', 'absent object', 'absent frame')


@pytest.fixture
def damaged(tmp_path):
    """A tree with a video for each kind of damage, and what there is to be found."""
    tree = Tree(tmp_path / 'valid', DAMAGES)
    frame, mask = tree.frame, tree.mask
    frame('truncated', 3).write_bytes(frame('truncated', 3).read_bytes()[:-200])
    mask('no image', 2).write_text('not an image')
    write_image(frame('frame size', 4), image_of((16, 32)))
    write_mask(mask('frame size', 4), mask_of(1, 2)[:16])
    write_mask(mask('mask size', 1), mask_of(1, 2)[:16])
    Image.fromarray(mask_of(1, 2)).save(mask('grey', 2))
    Image.fromarray(np.stack([mask_of(1, 2), mask_of(2, 1), mask_of()], axis=-1)).save(mask('colours', 2))
    write_mask(mask('void', 3), mask_of(1, 2, 255))
    Image.fromarray(mask_of(1, 2).astype(np.uint16) * 300).save(mask('16 bit', 3))
    for index in range(5):
        write_mask(mask('gap', index), mask_of(1, 4))
    tree.meta['gap'] = {'1': tree.meta['gap']['1'], '4': tree.meta['gap']['2']}
    mask('missing', 3).unlink()
    mask('missing first', 0).unlink()
    shutil.rmtree(mask('no masks', 0).parent)
    tree.meta['no masks'] = {}
    write_mask(mask('stray mask', 7), mask_of(1, 2))
    write_mask(mask('stray folder', 0), mask_of(1, 2))
    (frame('extra', 0).parent / 'Thumbs.db').write_text('')
    (tree.root / 'JPEGImages' / 'notes.txt').write_text('')
    for entry in tree.meta['empty'].values():
        entry['frames'] = entry['frames'][1:]
    write_mask(mask('empty', 0), mask_of())
    for index in range(5):
        frame('no frames', index).unlink()
    shutil.rmtree(mask('no frames', 0).parent)
    tree.meta['no frames'] = {}
    tree.meta.pop('unlisted')
    tree.meta['unlisted object'].pop('2')
    tree.meta['absent object']['3'] = tree.meta['absent object']['2']
    tree.meta['absent frame']['2'] = dict(category='cat', frames=['00000', '00009'])
    tree.meta['no folder'] = {}
    tree.write_meta()
    (tree.root / 'ImageSets').mkdir()
    (tree.root / 'ImageSets' / 'val.txt').write_text('good\nnobody\n')
    frames, masks = 'JPEGImages', 'Annotations'
    return tree.root, {
        ('unreadable', f'{frames}/truncated/00003.jpg'), ('unreadable', f'{masks}/no image/00002.png'),
        ('size', f'{frames}/frame size/00004.jpg'), ('size', f'{masks}/mask size/00001.png'),
        ('not-palette', f'{masks}/grey/00002.png'), ('not-palette', f'{masks}/colours/00002.png'),
        ('void', f'{masks}/void/00003.png'), ('high-id', f'{masks}/16 bit/00003.png'), ('id-gap', f'{masks}/gap'),
        ('missing-mask', f'{masks}/missing/00003.png'), ('missing-mask', f'{masks}/missing first/00000.png'),
        ('missing-mask', f'{masks}/no masks/00000.png'), ('mask-without-frame', f'{masks}/stray mask/00007.png'),
        ('mask-without-frame', f'{masks}/stray folder/00000.png'), ('extra-file', f'{frames}/extra/Thumbs.db'),
        ('extra-file', f'{frames}/notes.txt'), ('empty-first-mask', f'{masks}/empty/00000.png'),
        ('no-frames', f'{frames}/no frames'), ('meta', 'meta.json'),
        *(('meta', f'{masks}/unlisted object/{index:05d}.png') for index in range(5)),
        ('meta', f'{masks}/absent object/00000.png'), ('split', 'ImageSets/val.txt')}


def test_finds_every_damage_and_nothing_else(damaged):
    root, expected = damaged
    work, reports = find_work(root)
    findings = [finding for report in [*reports, *(unit.check() for unit in work)] for finding in report.findings]
    assert {(finding.kind, finding.path.relative_to(root).as_posix()) for finding in findings} == expected
    assert {finding.kind for finding in findings} == set(KINDS), 'the test makes every kind'
    of_meta = [finding.message for finding in findings if finding.path.name == 'meta.json']
    assert len(of_meta) == 3
    for text in ('video no folder', 'frames of object 2 of absent frame', 'video unlisted'):
        assert sum(text in message for message in of_meta) == 1
    assert len(findings) == len(expected) + 2


def test_the_command_names_every_file_and_fails(damaged):
    root, expected = damaged
    result = run(root, '--workers', 2)
    assert result.returncode == 1
    for kind, path in expected:
        assert f'{kind}: {root / path}: ' in result.stdout
    assert result.stderr.rstrip().splitlines()[-1].startswith(f'{len(expected) + 2} findings: ')
    assert 'split: ' not in run(root, '--accept', 'split').stdout


def test_good_data(tmp_path, davis_like):
    found, reports = find(tmp_path)
    assert not found
    totals = {report.tree: [sum(getattr(part, name) for part in reports if part.tree == report.tree)
                            for name in ('videos', 'frames', 'masks', 'objects')] for report in reports}
    assert totals == {'train': [2, 10, 10, 4], 'DAVIS': [2, 10, 10, 4], 'valid_all_frames': [1, 3, 0, 0]}
    result = run(tmp_path)
    assert result.returncode == 0 and 'all' in result.stdout


@pytest.fixture
def davis_like(tmp_path):
    """YouTube-VOS train, DAVIS, and a split of frames without masks, in one folder."""
    Tree(tmp_path / 'train', ('a', 'b'))
    tree = Tree(tmp_path / 'DAVIS', ('480p/bear', '480p/camel'))
    (tree.root / 'meta.json').unlink()
    (tree.root / 'ImageSets' / '2016').mkdir(parents=True)
    (tree.root / 'ImageSets' / '2016' / 'val.txt').write_text('bear\n/JPEGImages/480p/camel/00000.jpg x\n')
    for index in range(3):
        write_image(tmp_path / 'valid_all_frames' / 'JPEGImages' / 'a' / f'{index:05d}.jpg', image_of())


@pytest.mark.parametrize('num_frames, annotated, missing', [
    (4, (0, ), ()),
    (14, (0, 10), ()),
    (87, (0, 14, 33, 43, 66), ()),
    (30, (0, 5, 10, 20, 25), (15, )),
    (31, (0, 5, 10, 15, 20, 25), (30, )),
    (7, (0, 1, 2, 5, 6), (3, 4)),
    (19, (5, 10, 15), (0, )),
    (17, (3, 8, 13), (0, )),
])
def test_which_masks_are_missing(tmp_path, num_frames, annotated, missing):
    for index in range(num_frames):
        write_image(tmp_path / 'JPEGImages' / 'a' / f'{index:05d}.jpg', image_of())
    for index in annotated:
        write_mask(tmp_path / 'Annotations' / 'a' / f'{index:05d}.png', mask_of(1))
    assert find(tmp_path)[0] == {('missing-mask', f'Annotations/a/{index:05d}.png') for index in missing}


def test_images_beside_their_masks(tmp_path):
    grey = np.stack([255 * mask_of(1)] * 3, axis=-1)
    for name in ('fss/abalone/1', 'fss/ant/1', 'ecssd/a', 'ecssd/no mask', 'ecssd/size', 'ecssd/dark'):
        write_image(tmp_path / f'{name}.jpg', image_of())
        write_image(tmp_path / f'{name}.png', grey)
    write_image(tmp_path / 'BIG' / 'x_im.jpg', image_of())
    write_image(tmp_path / 'BIG' / 'x_gt.png', grey)
    (tmp_path / 'ecssd' / 'no mask.png').unlink()
    write_image(tmp_path / 'ecssd' / 'size.png', grey[:16])
    write_image(tmp_path / 'ecssd' / 'dark.png', grey // 3)
    write_image(tmp_path / 'ecssd' / 'stray.png', grey)
    (tmp_path / 'ecssd' / 'list.txt').write_text('a')
    found, reports = find(tmp_path)
    assert found == {('missing-mask', 'ecssd/no mask.png'), ('size', 'ecssd/size.png'),
                     ('empty-first-mask', 'ecssd/dark.png'), ('mask-without-frame', 'ecssd/stray.png'),
                     ('extra-file', 'ecssd/list.txt')}
    assert {report.tree for report in reports} == {'fss', 'ecssd', 'BIG'}


def test_folders_without_data_are_errors(tmp_path):
    result = run(tmp_path)
    assert result.returncode == 1 and result.stderr.startswith(f'error: {tmp_path} holds neither')
    with pytest.raises(FileNotFoundError, match='nowhere'):
        find_work(tmp_path / 'nowhere')


def test_frames_and_masks_in_folders_of_their_own(tmp_path):
    tree = Tree(tmp_path / 'train', ('HACS/a', 'HACS/b'))
    frames, masks = tree.root / 'JPEGImages', tree.root / 'Annotations'
    frames, masks = frames.rename(tmp_path / 'frames'), masks.rename(tmp_path / 'masks')
    (masks / 'HACS' / 'a' / '00002.png').unlink()
    (masks / 'HACS' / 'notes.txt').write_text('')
    work, reports = find_videos(frames, masks)
    findings = [finding for report in [*reports, *(unit.check() for unit in work)] for finding in report.findings]
    assert {(finding.kind, finding.path) for finding in findings} == {
        ('missing-mask', masks / 'HACS' / 'a' / '00002.png'), ('extra-file', masks / 'HACS' / 'notes.txt')}
    work, reports = find_videos(frames / 'HACS' / 'b', masks / 'HACS' / 'b')
    assert len(work) == 1 and work[0].check().masks == 5 and not reports[0].findings, 'one video'
    with pytest.raises(FileNotFoundError, match='nothing'):
        find_videos(frames, tmp_path / 'nothing')


def test_a_config(tmp_path):
    tree = Tree(tmp_path / 'train', ('a', 'b'))
    write_mask(tree.mask('b', 2), mask_of(1, 2, 255))
    config = tmp_path / 'config.py'
    config.write_text(f"""
train_dataloader = dict(dataset=dict(type='ConcatVideoDataset', datasets=[
    dict(type='VideoFolderDataset', frames_root='{tree.root}/JPEGImages', masks_root='{tree.root}/Annotations'),
    dict(type='YouTubeVOSDataset', data_root='{tmp_path}', split='train')]))
""")
    result = run(config)
    assert result.returncode == 1 and f'void: {tree.mask("b", 2)}' in result.stdout


def test_a_config_of_unlabelled_videos(tmp_path):
    for index in range(3):
        write_image(tmp_path / 'videos' / 'a' / f'{index}.jpg', image_of())
        write_image(tmp_path / 'videos' / 'b' / f'{index}.jpg', image_of((24, 32 + 8 * (index == 1))))
    broken = tmp_path / 'videos' / 'a' / '2.jpg'
    broken.write_bytes(broken.read_bytes()[:-200])
    (tmp_path / 'videos' / 'c').mkdir()
    config = tmp_path / 'config.py'
    config.write_text(f"""
train_dataloader = dict(dataset=dict(type='MixedVideoDataset', datasets=[
    dict(type='VideoFolderDataset', frames_root='{tmp_path}/videos'), dict(type='SyntheticVOS')]))
""")
    lines = run(config).stdout.splitlines()
    assert [line.split(': ')[:2] for line in lines[:lines.index('')]] == [
        ['no-frames', str(tmp_path / 'videos' / 'c')], ['size', str(tmp_path / 'videos' / 'b' / '1.jpg')],
        ['unreadable', str(broken)]]
    assert lines[-1].split() == ['videos', '3', '6', '0', '0', '3']
    with pytest.raises(FileNotFoundError, match='c holds neither frames nor folders of frames'):
        find_videos(tmp_path / 'videos' / 'c')


def test_a_config_with_masks_apart_from_the_images(tmp_path):
    grey = np.stack([255 * mask_of(1)] * 3, axis=-1)
    images, masks = tmp_path / 'images', tmp_path / 'masks'
    for name in ('ant/1', 'ant/2', 'bee/1'):
        write_image(images / f'{name}.jpg', image_of())
        write_image(masks / f'{name}.png', grey)
    (masks / 'ant' / '2.png').unlink()
    write_image(masks / 'cat' / '1.png', grey)
    (masks / 'bee' / 'notes.txt').write_text('')
    config = tmp_path / 'config.py'
    config.write_text(f"""
train_dataloader = dict(dataset=dict(
    type='StaticImageDataset', data_root='{images}', masks_root='{masks}'))
""")
    lines = run(config).stdout.splitlines()
    assert [line.split(': ')[:2] for line in lines[:lines.index('')]] == [
        ['extra-file', str(masks / 'bee' / 'notes.txt')], ['mask-without-frame', str(masks / 'cat' / '1.png')],
        ['missing-mask', str(masks / 'ant' / '2.png')]]
    assert lines[-1].split() == ['images', '3', '3', '3', '3', '3']


def test_a_config_without_data_on_disk_is_an_error():
    config = 'stcn/stcn_efficientnet-lite0_synthetic.py'
    result = run(config)
    assert result.returncode == 1
    assert result.stderr.startswith('error: ') and 'names no data set on disk' in result.stderr.splitlines()[0]
    assert config in result.stderr


def test_the_real_clips(clips_root):
    """Three masks of caps show an object that meta.json does not list; else nothing is wrong."""
    found, reports = find(clips_root)
    assert found == {('meta', f'YouTubeVOS/valid/Annotations/caps/{name}.png') for name in ('00033', '00043', '00066')}
    davis = [report for report in reports if report.tree == 'DAVIS']
    assert [sum(getattr(report, name) for report in davis) for name in ('videos', 'frames', 'masks', 'objects')] == [
        3, 230, 230, 9]
    other = [report for report in reports if report.tree == 'YouTubeVOS/valid']
    assert [sum(getattr(report, name) for report in other) for name in ('videos', 'frames', 'masks', 'objects')] == [
        4, 216, 9, 96]


def test_ten_damages_in_a_copy_of_the_real_clips(clips_root, tmp_path):
    root = tmp_path / 'clips'
    shutil.copytree(clips_root, root)
    frames, masks = root / 'DAVIS' / 'JPEGImages' / '480p', root / 'DAVIS' / 'Annotations' / '480p'
    valid = root / 'YouTubeVOS' / 'valid'
    already = find(root)[0]
    path = frames / 'tennis' / '00010.jpg'
    path.write_bytes(path.read_bytes()[:3000])
    write_mask(masks / 'tennis' / '00020.png', mask_of(1))
    Image.open(masks / 'tennis' / '00030.png').convert('RGB').save(masks / 'tennis' / '00030.png')
    (masks / 'tennis' / '00040.png').unlink()
    write_mask(masks / 'tennis' / '00070.png', np.zeros((240, 432), np.uint8))
    (frames / 'bmx-trees' / '.DS_Store').write_text('')
    write_mask(masks / 'bmx-trees' / '00000.png', np.zeros((240, 432), np.uint8))
    for path in (masks / 'schoolgirls').iterdir():
        mask = np.array(Image.open(path))
        mask[mask == 3] = 255 if path.stem == '00005' else 0
        write_mask(path, mask)
    meta = json.loads((valid / 'meta.json').read_text())
    meta['videos']['late-objects']['objects']['5']['frames'][0] = '00000'
    (valid / 'meta.json').write_text(json.dumps(meta))
    davis = 'DAVIS/Annotations/480p'
    assert find(root)[0] - already == {
        ('unreadable', 'DAVIS/JPEGImages/480p/tennis/00010.jpg'), ('size', f'{davis}/tennis/00020.png'),
        ('not-palette', f'{davis}/tennis/00030.png'), ('missing-mask', f'{davis}/tennis/00040.png'),
        ('mask-without-frame', f'{davis}/tennis/00070.png'),
        ('extra-file', 'DAVIS/JPEGImages/480p/bmx-trees/.DS_Store'),
        ('empty-first-mask', f'{davis}/bmx-trees/00000.png'), ('void', f'{davis}/schoolgirls/00005.png'),
        ('id-gap', f'{davis}/schoolgirls'), ('meta', 'YouTubeVOS/valid/Annotations/late-objects/00000.png')}


@pytest.mark.parametrize('options', [dict(format='JPEG'), {}])
def test_jpegs_and_huge_masks_are_findings(tmp_path, monkeypatch, options):
    Image.fromarray(mask_of(1)).save(tmp_path / '00000.png', **options)
    if not options:
        monkeypatch.setattr(Image, 'MAX_IMAGE_PIXELS', 10)
    report = Report('tree')
    assert report.read_mask(tmp_path / '00000.png') is None
    assert [finding.kind for finding in report.findings] == ['not-palette' if options else 'unreadable']
