"""SyntheticVOS with a folder of photographs and cut-outs."""
import cv2
import numpy as np
import pytest
from PIL import Image
from small_datasets import write_photographs

from vosreg.datasets import SyntheticVOS
from vosreg.datasets.synthetic import SceneRecipe, SyntheticScene
from vosreg.datasets.synthetic.camera import CameraMotion
from vosreg.datasets.synthetic.casting import Stage, cast_actors
from vosreg.datasets.synthetic.cutouts import Cutout, fit
from vosreg.datasets.synthetic.pictures import find_pictures, read_photograph
from vosreg.fileio import UnreadableImageError, read_cutout, write_image


@pytest.fixture(scope='module')
def folder(tmp_path_factory):
    """20 plain scenes and 20 red discs."""
    path = tmp_path_factory.mktemp('pictures') / 'photographs'
    write_photographs(path)
    return path


def scene(number, pictures, **kwargs) -> SyntheticScene:
    return SyntheticScene(SceneRecipe(
        (3, 0, number), (120, 160), 24, (2, 4), split='train', pictures=str(pictures or ''), **kwargs))


def test_each_tenth_picture_is_for_validation(folder):
    train, val = (find_pictures(split, str(folder)) for split in ('train', 'val'))
    for kind in ('scenes', 'cutouts'):
        assert [path.stem for path in getattr(val, kind)] == ['09', '19']
        assert len(getattr(train, kind)) == 18 and not set(getattr(train, kind)) & set(getattr(val, kind))
    assert set(train.scenes) < set(train.photographs)


def test_figures_and_backdrops_come_from_the_folder(folder):
    """About 60 % of the backdrops are plain, and 60 % of the figures, which others are not, being lit from a side."""
    layers = [layer for number in range(20) for layer in scene(number, folder).layers]
    plain = [layer.texture[... if layer.distance is None else layer.distance > 0].reshape(-1, 3).std(axis=0).max() < 1
             for layer in layers]
    backdrops = [found for found, layer in zip(plain, layers) if layer.distance is None]
    assert len(backdrops) == 20 and 6 <= sum(backdrops) <= 18
    figures = sum(len({layer.figure for layer in scene(number, folder).layers[1:]}) for number in range(20))
    assert 0.4 * figures < sum(plain) - sum(backdrops) < 0.8 * figures


def test_some_cut_outs_look_alike(folder):
    rng, backdrop = np.random.default_rng(0), np.zeros((160, 210, 3), np.uint8)
    stage = Stage(rng, (120, 160), 4, find_pictures('train', str(folder)), CameraMotion(rng, (120, 160), 4))
    cutouts = [actor for actor in cast_actors(stage, 40, backdrop) if isinstance(actor, Cutout)]
    others = {id(cutout) for cutout in cutouts}
    assert 0.4 * len(cutouts) < len(others) < 0.9 * len(cutouts)


def test_shadows_of_cut_outs(folder):
    """They darken, and nothing else changes."""
    for number in range(3):
        plain, shaded = scene(number, folder), scene(number, folder, shadows=1)
        (image, mask), (darker, same_mask) = plain.render(11), shaded.render(11)
        assert np.array_equal(mask, same_mask) and (darker <= image).all()
        assert ((image - darker).max(-1) > 15).mean() > 0.005


def test_masks_are_those_of_the_cut_outs():
    """A disc whose diameter is the mean of height and width becomes one of two units."""
    y, x = np.mgrid[-50:50, -50:50] + 0.5
    alpha = np.where(np.hypot(x, y) < 40, 255, 0).astype(np.uint8)
    texture, distance, origin = fit(Cutout(np.full((100, 100, 3), (200, 30, 30), np.uint8), alpha), radius=30)
    rows, columns = np.mgrid[:distance.shape[0], :distance.shape[1]]
    expected = 0.8 * 30 - np.hypot(columns + origin[0], rows + origin[1])
    np.testing.assert_allclose(distance[expected > -3], expected[expected > -3], atol=0.75)
    # Its colour goes on beyond the contour, for the soft edge.
    assert np.abs(texture[expected > -1].astype(int) - (200, 30, 30)).max() <= 1


def test_thin_things_do_not_vanish():
    alpha = np.zeros((300, 300), np.uint8)
    alpha[:, 150] = 255
    _, distance, _ = fit(Cutout(np.zeros((300, 300, 3), np.uint8), alpha), radius=10)
    assert 10 < (distance > 0).sum() < 60


@pytest.mark.parametrize('number', range(3))
def test_flow_stays_exact(number, folder):
    clip = scene(number, folder, clean=True)
    mask1, mask2 = clip.render(3)[1], clip.render(10)[1]
    flow, visible = clip.flow(3, 10)
    rows, columns = np.nonzero(visible)
    targets = np.round(np.stack([rows, columns], -1) + flow[visible][:, ::-1]).astype(int)
    assert visible.mean() > 0.3
    assert (mask2[tuple(targets.T)] == mask1[visible]).mean() > 0.98


def test_one_kind_of_picture_is_enough(folder, tmp_path):
    for kind, other in (('scenes', 'cutouts'), ('cutouts', 'scenes')):
        (tmp_path / kind).mkdir()
        (tmp_path / kind / kind).symlink_to(folder / kind)
        pictures = find_pictures('train', str(tmp_path / kind))
        assert len(getattr(pictures, kind)) == 18 and getattr(pictures, other) == ()
        SyntheticScene(SceneRecipe((0, ), (60, 80), 4, (1, 2), 'train', pictures=str(tmp_path / kind))).render(0)


def test_large_photographs_are_halved(tmp_path):
    write_image(tmp_path / 'large.png', np.full((600, 5000, 3), (10, 20, 30), np.uint8))
    assert read_photograph(tmp_path / 'large.png').shape == (150, 1250, 3)
    assert read_photograph(tmp_path / 'large.png', 1).shape == (75, 625, 3)


@pytest.mark.parametrize('convert', [lambda image: image.convert('LA'), lambda image: image.quantize(16)],
                         ids=['grey', 'palette'])
def test_cut_outs_of_other_modes(convert, tmp_path):
    image = np.full((40, 60, 4), (90, 90, 90, 255), np.uint8)
    image[:, :20, 3] = 0
    convert(Image.fromarray(image)).save(tmp_path / 'thing.png')
    np.testing.assert_array_equal(read_cutout(tmp_path / 'thing.png'), image)


def test_hidden_files_are_no_pictures(tmp_path):
    """As what a killed process leaves of a file that it was writing."""
    write_photographs(tmp_path)
    expected = find_pictures('train', str(tmp_path))
    for kind in ('scenes', 'cutouts'):
        (tmp_path / kind / '.00-0123abcd.png').write_bytes(b'PNG')
    find_pictures.cache_clear()
    assert find_pictures('train', str(tmp_path)) == expected


def test_folder_without_pictures(tmp_path):
    with pytest.raises(FileNotFoundError, match=r'no pictures for SyntheticVOS in .*fetch_photographs.py'):
        SyntheticVOS(pictures=str(tmp_path))


def test_bad_cut_outs_are_named(tmp_path):
    opaque = np.full((60, 60, 4), 255, np.uint8)
    for name, image, message in (('plain.png', opaque[..., :3], 'plain.png has 3 channels of uint8; a cut-out has 4'),
                                 ('grey.png', opaque[..., 0], 'grey.png has 1 channel of uint8'),
                                 ('deep.png', opaque.astype(np.uint16), 'deep.png has 4 channels of uint16'),
                                 ('empty.png', 0 * opaque, 'no pixel of .*empty.png is even half opaque')):
        cv2.imwrite(str(tmp_path / name), image)
        with pytest.raises(ValueError, match=message):
            read_cutout(tmp_path / name)
    (tmp_path / 'broken.png').write_bytes(b'PNG')
    with pytest.raises(UnreadableImageError, match=r'broken.png: .* \(3 bytes\); copy or extract the file again'):
        read_cutout(tmp_path / 'broken.png')
    with pytest.raises(FileNotFoundError, match='missing.png'):
        read_cutout(tmp_path / 'missing.png')
