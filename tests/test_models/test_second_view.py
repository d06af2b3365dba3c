"""The second view: what is drawn, when, and what it shows."""
import pytest
import torch
from mmengine.logging import MessageHub

from vosreg.models import RandomSecondView, VOSDataPreprocessor, clip_generators
from vosreg.ops import warp


@pytest.fixture(autouse=True)
def hub():
    """Seed and iteration, as hooks note them in a training."""
    hub = MessageHub.get_current_instance()
    hub.update_info('seed', 3)
    hub.update_info('iter', 5)
    yield hub
    hub.pop_info('seed')
    hub.pop_info('iter')


def images(clips=4, frames=3, height=48, width=80):
    return torch.rand(clips, frames, 3, height, width, generator=torch.Generator().manual_seed(0))


def test_clips_share_one_transform_and_frames_do_so_by_choice():
    view = RandomSecondView()(images())
    assert view.images.shape == (4, 3, 3, 48, 80) and view.matrices.shape == (4, 3, 2, 3)
    assert (view.matrices[:, :1] == view.matrices).all()
    assert len(view.matrices[:, 0].flatten(1).unique(dim=0)) == 4
    free = RandomSecondView(per_frame=True)(images()).matrices
    assert len(free.flatten(0, 1).flatten(1).unique(dim=0)) == 12


def test_the_images_are_the_first_view_warped():
    first = images()
    view = RandomSecondView(rotation=20)(first)
    for b in range(4):
        for t in range(3):
            torch.testing.assert_close(view.images[b, t], warp(first[b, t][None], view.matrices[b, t][None])[0])


def test_crops_stay_inside_and_take_all_sizes(hub):
    flips, shares, offsets = [], [], []
    for iteration in range(100):
        hub.update_info('iter', iteration)
        matrix = RandomSecondView()(images(height=4, width=6)).matrices[:, 0]
        assert (matrix[..., 0, 1] == 0).all() and (matrix[..., 1, 0] == 0).all()
        flips.append(matrix[:, 0, 0].sign())
        shares.append(matrix[:, 1, 1])
        offsets.append(matrix[:, :, 2])
    flips, shares, offsets = torch.cat(flips), torch.cat(shares), torch.cat(offsets)
    assert 0.4 < (flips < 0).float().mean() < 0.6
    assert 0.5 <= shares.min() < 0.52 and 0.98 < shares.max() <= 1
    reach = offsets.abs() + shares[:, None]
    assert 0.99 < reach.max() <= 1 + 1e-6
    assert (offsets > 0).float().mean(0).sub(0.5).abs().max() < 0.1


def test_draws_depend_on_seed_and_iteration_and_on_nothing_else(hub):
    first = images()
    torch.manual_seed(0)
    state = torch.get_rng_state()
    view = RandomSecondView()(first)
    assert torch.equal(torch.get_rng_state(), state)
    torch.manual_seed(1)
    assert torch.equal(RandomSecondView()(first).matrices, view.matrices)
    for name, value in (('iter', 6), ('seed', 4)):
        old = hub.get_info(name)
        hub.update_info(name, value)
        assert not (RandomSecondView()(first).matrices == view.matrices).all((1, 2, 3)).any()
        hub.update_info(name, old)


def test_processes_draw_for_their_part_of_the_batch(monkeypatch):
    whole = RandomSecondView()(images()).matrices
    monkeypatch.setattr(clip_generators, 'get_world_size', lambda: 2)
    for rank in (0, 1):
        monkeypatch.setattr(clip_generators, 'get_rank', lambda: rank)  # noqa: B023
        assert torch.equal(RandomSecondView()(images(clips=2)).matrices, whole[rank::2])


def test_purposes_do_not_share_numbers():
    one, other = (clip_generators.clip_generators(1, purpose)[0].random() for purpose in ('view', 'anchors'))
    assert one != other


def test_only_training_clips_of_a_preprocessor_that_is_told_get_one():
    batch = dict(inputs=list((255 * images()).byte()), data_samples=[])
    told = VOSDataPreprocessor(second_view=dict(type='RandomSecondView'))
    output = told(batch, training=True)
    torch.testing.assert_close(
        output['second_view'].images[0], warp(output['inputs'][0], output['second_view'].matrices[0]))
    assert 'second_view' not in told(batch, training=False)
    assert 'second_view' not in VOSDataPreprocessor()(batch, training=True)


@pytest.mark.parametrize('crop', [(0, 1), (1, 0.5)])
def test_an_impossible_crop_is_refused(crop):
    with pytest.raises(ValueError, match='crop is a range of positive shares'):
        RandomSecondView(crop=crop)
