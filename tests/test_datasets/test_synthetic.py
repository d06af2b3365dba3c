"""SyntheticVOS: the same index gives the same clip, masks and flow are exact, the splits are apart."""
import multiprocessing

import cv2
import numpy as np
import pytest

from vosreg.datasets import ClipIndex, SyntheticVOS
from vosreg.datasets.synthetic import SceneRecipe, SyntheticScene, build_scene
from vosreg.datasets.synthetic.figures import animal, bicycle, blob, creature, person, vehicle
from vosreg.datasets.synthetic.layers import Layer, line_kernel
from vosreg.datasets.synthetic.motion import Motion, translations
from vosreg.datasets.synthetic.pictures import PHOTOGRAPHS
from vosreg.datasets.synthetic.shadows import Sun
from vosreg.datasets.synthetic.shapes import distance_field, ring

PIPELINE = [dict(type='vosreg.SampleFrames', num_frames=3, max_skip=4), dict(type='vosreg.RenderClip'),
            dict(type='vosreg.SelectObjects', max_objects=3), dict(type='vosreg.PackClip')]
TEST_PIPELINE = [dict(type='vosreg.RenderFrame'), dict(type='vosreg.PackFrame')]


def recipe(number=0, clean=False, split='train', num_objects=(2, 4), num_frames=24, shadows=0):
    return SceneRecipe((7, 0, number), (120, 160), num_frames, num_objects, split, clean, shadows)


def clip(index):
    dataset = SyntheticVOS(num_videos=5, size=(96, 128), pipeline=PIPELINE)
    item = dataset[index]
    return item['inputs'].numpy(), item['data_samples'].masks.numpy()


def test_same_index_same_clip():
    index = ClipIndex(video=3, draw=17)
    frames, masks = clip(index)
    with multiprocessing.get_context('spawn').Pool(1) as pool:
        other_frames, other_masks = pool.apply(clip, (index, ))
    assert np.array_equal(frames, other_frames) and np.array_equal(masks, other_masks)
    assert not np.array_equal(frames, clip(index._replace(draw=18))[0])


def test_frames_in_any_order():
    forward, backward = SyntheticScene(recipe()), SyntheticScene(recipe())
    frames = [forward.render(t) for t in range(6)]
    for t in reversed(range(6)):
        image, mask = backward.render(t)
        assert np.array_equal(image, frames[t][0]) and np.array_equal(mask, frames[t][1])


@pytest.mark.parametrize('number', range(6))
def test_every_object_is_given_in_the_first_frame(number):
    scene = SyntheticScene(recipe(number, num_objects=(1, 4)))
    mask = scene.render(0)[1]
    areas = np.bincount(mask.ravel(), minlength=5)[1:]
    assert 1 <= len(scene.object_ids) <= 4
    assert scene.object_ids == tuple(np.flatnonzero(areas) + 1)
    assert areas[:len(scene.object_ids)].min() >= SyntheticScene.MIN_AREA * mask.size
    later = np.unique([scene.render(t)[1] for t in (5, 12, 23)])
    assert set(later) <= {0, *scene.object_ids}


def test_motion_is_inverted_exactly():
    y, x = np.mgrid[:120.0, :160.0]
    layers = [layer for number in range(4) for layer in SyntheticScene(recipe(number)).layers]
    assert any(layer.motion.angles is not None for layer in layers)
    assert any(layer.motion.bends is not None for layer in layers)
    for layer in layers:
        for t in (0, 7, 23):
            back = layer.motion.to_frame(t, *layer.motion.to_layer(t, x, y))
            np.testing.assert_allclose(back, (x, y), atol=1e-9)


@pytest.mark.parametrize('draw', [animal, bicycle, blob, creature, person, vehicle])
def test_distance_is_in_pixels(draw):
    """Next to the contour of every part, a step outwards by a pixel changes the distance by one."""
    for part in draw(np.random.default_rng(0)):
        distance, _ = distance_field(part.shape, 200.0)
        assert distance.max() > 0 and max(distance[0].max(), distance[-1].max()) < 0
        slope = np.hypot(*np.gradient(distance))[np.abs(distance) < 0.7]
        assert np.median(slope) == pytest.approx(1, abs=0.1)


def test_blur_follows_the_motion():
    assert line_kernel(np.array([0.3, 0.5])) is None
    kernel = line_kernel(np.array([4.0, 0.0]))
    np.testing.assert_allclose(kernel, [[0] * 5, [0] * 5, [0.2] * 5, [0] * 5, [0] * 5], atol=1e-6)
    assert line_kernel(np.array([0.0, 100.0])).shape == (13, 13)


def warp(image, flow):
    y, x = np.mgrid[:image.shape[0], :image.shape[1]].astype(np.float32)
    return cv2.remap(image.astype(np.float32), x + flow[..., 0], y + flow[..., 1], cv2.INTER_LINEAR)


@pytest.mark.parametrize('number', range(4))
def test_flow(number):
    """There and back is the identity; the surface point has the same colour and the same id in both frames."""
    scene = SyntheticScene(recipe(number, clean=True))
    (image1, mask1), (image2, mask2) = scene.render(3), scene.render(10)
    flow, visible = scene.flow(3, 10)
    backward, _ = scene.flow(10, 3)
    assert visible.mean() > 0.3
    assert np.median(np.abs(warp(backward, flow) + flow)[visible]) < 2e-3
    # Half a pixel at the soft edges and bilinear sampling of fine textures remain.
    error, difference = np.abs(warp(image2, flow) - image1)[visible], np.abs(image2.astype(float) - image1)[visible]
    assert np.median(error) <= 2
    assert error.mean() < 0.4 * difference.mean()
    rows, columns = np.nonzero(visible)
    targets = np.round(np.stack([rows, columns], -1) + flow[visible][:, ::-1]).astype(int)
    assert (mask2[tuple(targets.T)] == mask1[visible]).mean() > 0.98


def test_flow_to_the_same_frame_is_zero():
    flow, visible = SyntheticScene(recipe(1)).flow(5, 5)
    assert np.abs(flow).max() < 1e-3 and visible.all()


def test_hidden_points_are_not_visible():
    """Where the flow leads under an object that was not there, the point is marked hidden."""
    scene = SyntheticScene(recipe(2, clean=True, num_objects=(4, 4)))
    _, visible = scene.flow(0, 12)
    flow, _ = scene.flow(0, 12)
    mask1, mask2 = scene.render(0)[1], scene.render(12)[1]
    y, x = np.mgrid[:120, :160]
    target_x, target_y = np.round(x + flow[..., 0]).astype(int), np.round(y + flow[..., 1]).astype(int)
    inside = (target_x >= 0) & (target_x < 160) & (target_y >= 0) & (target_y < 120)
    covered = inside.copy()
    covered[inside] = (mask2[target_y[inside], target_x[inside]] > 0) & (mask1[inside] == 0)
    assert covered.sum() > 50
    assert visible[covered].mean() < 0.1


def test_splits_are_apart():
    assert not set(PHOTOGRAPHS['train']) & set(PHOTOGRAPHS['val'])
    train, val = (SyntheticVOS(num_videos=1, split=split, pipeline=PIPELINE) for split in ('train', 'val'))
    recipes = [dataset.get_data_info(0)['scene'] for dataset in (train, val)]
    assert recipes[0].seed != recipes[1].seed
    with pytest.raises(ValueError, match="splits of SyntheticVOS are train, val, not 'test'"):
        SyntheticVOS(split='test', pipeline=PIPELINE)


def test_streaming_items():
    dataset = SyntheticVOS(num_videos=2, num_frames=4, size=(96, 128), test_mode=True, pipeline=TEST_PIPELINE)
    assert len(dataset) == 8
    samples = [dataset[i]['data_samples'] for i in range(8)]
    assert [(sample.video, sample.frame_index) for sample in samples] == [
        (f'train_00000{video}', frame) for video in range(2) for frame in range(4)]
    assert ['given_mask' in sample for sample in samples] == [True, False, False, False] * 2
    assert all(sample.gt_mask.shape == (96, 128) for sample in samples)


def test_scene_is_kept_between_frames():
    assert build_scene(recipe(9)) is build_scene(recipe(9))


@pytest.mark.parametrize('number', range(4))
def test_shadows_darken_and_change_nothing_else(number):
    plain, shaded = SyntheticScene(recipe(number)), SyntheticScene(recipe(number, shadows=1))
    for t in (0, 11, 23):
        (image, mask), (darker, same_mask) = plain.render(t), shaded.render(t)
        assert np.array_equal(mask, same_mask)
        assert (darker <= image).all()
        assert ((image - darker).max(-1) > 15).mean() > 0.005


def test_a_share_of_the_videos_has_shadows():
    plain, some = (SyntheticVOS(num_videos=24, size=(60, 80), shadows=share) for share in (0, 0.5))
    scenes = [[SyntheticScene(videos.get_data_info(i)['scene']).render(0)[0] for i in range(24)]
              for videos in (plain, some)]
    assert 6 <= sum((shaded != image).any() for image, shaded in zip(*scenes)) <= 18


def test_clean_scenes_have_no_shadows():
    assert np.array_equal(
        SyntheticScene(recipe(clean=True)).render(3)[0], SyntheticScene(recipe(clean=True, shadows=1)).render(3)[0])


@pytest.mark.parametrize(('slant', 'length'), [pytest.param(0, 1, id='wall'), pytest.param(0.5, -0.5, id='ground')])
def test_shadow_is_the_projected_figure(slant, length):
    distance, origin = distance_field(ring((0, 0), 0.7, 0.4), 60)
    motion = Motion(translations(np.array([[120.0, 110.0]])))
    layer = Layer(motion, np.zeros((*distance.shape, 3), np.uint8), origin, distance, figure=1)
    canvas = np.full((240, 320, 3), 100, np.float32)
    Sun(slant, length, shift=(7, -4), darkness=0.5, blur=0.3).cast([layer], 0, canvas)

    # The ring stands at y = 110 + 60 * (0.7 + 0.4 / 2), just outside of which its contour lies.
    foot = 165
    y, x = np.mgrid[:240.0, :320.0]
    height = (foot - (y + 4)) / length
    expected = layer.covers(0, x - 7 - slant * height, foot - height)
    shade = canvas[..., 0] < 75
    assert (shade & expected).sum() > 0.85 * (shade | expected).sum()
    assert canvas.min() >= 50 and (canvas == 100).mean() > 0.8
