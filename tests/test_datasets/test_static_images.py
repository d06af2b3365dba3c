"""Images as pseudo clips: the layouts of the static sets, data sets of mmseg, and the pipeline of the first stage."""
import cv2
import numpy as np
import pytest
from golden import REPOSITORY
from mmengine.config import Config
from mmengine.registry import init_default_scope

from vosreg.datasets import ClipIndex, SegmentationImageDataset, StaticImageDataset
from vosreg.datasets.transforms import LoadClip, RepeatImage
from vosreg.fileio import write_image, write_mask
from vosreg.registry import DATASETS


def write_pair(image_path, mask_path, size=(48, 64)):
    """A soft grey mask: a ramp from left to right."""
    ramp = np.tile(np.linspace(0, 255, size[1]), (size[0], 1)).astype(np.uint8)
    write_image(image_path, np.stack([ramp, ramp // 2, 255 - ramp], axis=-1))
    write_image(mask_path, np.stack([ramp] * 3, axis=-1))
    return (ramp > 127).astype(np.uint8)


def load(dataset, number=0):
    return LoadClip()(RepeatImage(3)(dataset.get_data_info(number)))


@pytest.mark.parametrize('image, mask, options', [
    ('abalone/1.jpg', 'abalone/1.png', {}),
    ('x.jpg', 'x.png', {}),
    ('x.JPG', 'x.PNG', {}),
    ('x.jpg', '../masks/x.png', dict(masks_root='masks')),
    ('x_im.jpg', 'x_gt.png', dict(image_suffix='_im.jpg', mask_suffix='_gt.png')),
])
def test_layouts(tmp_path, image, mask, options):
    if 'masks_root' in options:
        options = dict(masks_root=tmp_path / options['masks_root'])
    expected = write_pair(tmp_path / 'images' / image, tmp_path / 'images' / mask)
    dataset = StaticImageDataset(tmp_path / 'images', **options)
    assert [video['video'] for video in dataset.load_data_list()] == [image.replace('_im', '')[:-len('.jpg')]]
    results = load(dataset)
    assert len(results['images']) == 3 and results['images'][0].shape == (48, 64, 3)
    assert all(np.array_equal(frame, expected) for frame in results['masks'])


def test_an_image_without_mask_is_named(tmp_path):
    write_pair(tmp_path / 'cat' / '1.jpg', tmp_path / 'cat' / '1.png')
    write_pair(tmp_path / 'cat' / '2.jpg', tmp_path / 'cat' / 'other.png')
    with pytest.raises(FileNotFoundError, match=r'1 of 2 images.*cat/2\.jpg.*cat/2\.png'):
        StaticImageDataset(tmp_path)
    with pytest.raises(FileNotFoundError, match='nowhere'):
        StaticImageDataset(tmp_path / 'nowhere')
    write_pair(tmp_path / 'cat' / '2.JPG', tmp_path / 'cat' / '2.png')
    with pytest.raises(ValueError, match=r'2\.(jpg|JPG) and .*2\.(jpg|JPG) differ in capital letters alone'):
        StaticImageDataset(tmp_path)


@pytest.mark.parametrize('options, expected', [
    (dict(), {0: 0, 1: 2, 2: 3, 255: 0}),
    (dict(ignored_classes=()), {0: 1, 1: 2, 2: 3, 255: 0}),
    (dict(reduce_zero_label=True), {0: 0, 1: 0, 2: 2, 255: 0}),
    (dict(reduce_zero_label=True, ignored_classes=()), {0: 0, 1: 1, 2: 2, 255: 0}),
])
def test_data_sets_of_mmseg(tmp_path, options, expected):
    labels = np.zeros((16, 32), np.uint8)
    labels[:, 8:16], labels[:, 16:24], labels[:, 24:] = 1, 2, 255
    write_image(tmp_path / 'images' / 'train' / 'a.jpg', np.zeros((16, 32, 3), np.uint8))
    write_mask(tmp_path / 'labels' / 'train' / 'a.png', labels)
    config = dict(
        type='mmseg.BaseSegDataset', data_root=str(tmp_path), metainfo=dict(classes=('background', 'cat', 'dog')),
        data_prefix=dict(img_path='images', seg_map_path='labels'))
    if 'reduce_zero_label' in options:
        config['reduce_zero_label'] = options.pop('reduce_zero_label')
    dataset = SegmentationImageDataset(config, **options)
    assert dataset.get_data_info(0)['video'] == 'train/a'
    mask = load(dataset)['masks'][2]
    assert {label: int(mask[labels == label][0]) for label in expected} == expected
    assert set(np.unique(mask)) == set(expected.values())


def test_chosen_classes_of_mmseg():
    dataset = SegmentationImageDataset(
        dict(type='mmseg.CityscapesDataset', metainfo=dict(classes=('car', 'person'))), lazy_init=True)
    built = DATASETS.build(dataset.dataset)
    label_ids = dataset._label_ids(built.metainfo)
    old = built.METAINFO['classes']
    assert label_ids[old.index('car')] == 1 and label_ids[old.index('person')] == 2
    assert np.count_nonzero(label_ids) == 2


@pytest.fixture
def static_config(tmp_path):
    init_default_scope('vosreg')
    sides = {'fss/abalone/1': (240, 240), 'DUTS-TR/a': (400, 300), 'DUTS-TE/b': (96, 500), 'ecssd/c': (300, 400),
             'BIG_small/d': (384, 500), 'HRSOD_small/e': (500, 384)}
    for name, size in sides.items():
        write_pair(tmp_path / f'{name}.jpg', tmp_path / f'{name}.png', size)
    config = Config.fromfile(REPOSITORY / 'configs' / '_base_' / 'datasets' / 'static_images.py')
    for part in config.train_dataloader.dataset.datasets:
        part.data_root = part.data_root.replace('data/static', str(tmp_path))
    return config


def test_the_first_stage(static_config):
    dataset = DATASETS.build(static_config.train_dataloader.dataset)
    assert len(dataset) == 4 + 5 * 2, 'BIG and HRSOD come five times'
    names = set()
    for draw in range(len(dataset)):
        clip = dataset[ClipIndex(draw, draw)]
        sample = clip['data_samples']
        names.add(sample.video)
        assert clip['inputs'].shape == (3, 3, 384, 384) and sample.masks.shape == (3, 384, 384)
        assert sample.num_objects == 1 and set(sample.masks.unique().tolist()) <= {0, 1}
        assert not (clip['inputs'][0] == clip['inputs'][1]).all(), 'each frame is warped by itself'
    assert names == {'abalone/1', 'a', 'b', 'c', 'd', 'e'}
    again = dataset[ClipIndex(3, 7)]['inputs'], dataset[ClipIndex(3, 7)]['inputs']
    assert (again[0] == again[1]).all()


def test_masks_follow_the_images(static_config):
    """The object of these images is where they are red."""
    dataset = DATASETS.build(static_config.train_dataloader.dataset)
    for draw in range(6):
        clip = dataset[ClipIndex(1, draw)]
        for image, mask in zip(clip['inputs'].numpy(), clip['data_samples'].masks.numpy()):
            if (image[0] == image[1]).mean() > 0.5:
                continue  # A grey clip.
            red = cv2.medianBlur((image[0] > image[2].astype(int)).astype(np.uint8), 3)
            inside = ~((abs(image.astype(int) - np.array([124, 116, 104])[:, None, None]) < 25).all(axis=0))
            assert (red == mask)[inside].mean() > 0.93
