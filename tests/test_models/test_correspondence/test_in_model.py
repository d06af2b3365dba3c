"""Correspondence losses as hooks on the model: what they change and what they leave alone."""
import socket

import pytest
import torch
import torch.distributed as dist
from mmengine.logging import MessageHub
from mmengine.optim import OptimWrapper
from small_model import build, clips
from torch.multiprocessing import spawn

from vosreg.models.correspondence import ObjectCorrespondence, PixelCorrespondence

PIXEL = dict(type='PixelCorrespondence', temporal_weight=1, cross_view_weight=0.5)
PROJECTED = dict(PIXEL, projection_channels=4)
OBJECT = dict(type='ObjectCorrespondence', min_similarity=-1)


def losses_and_gradients(model, batch):
    losses = model(**model.data_preprocessor(batch, training=True), mode='loss')
    model.zero_grad()
    sum(losses.values()).backward()
    gradients = {name: parameter.grad for name, parameter in model.named_parameters() if parameter.grad is not None}
    return {name: loss.detach() for name, loss in losses.items()}, gradients


@pytest.mark.parametrize('loss', [PIXEL, PROJECTED, OBJECT])
def test_weights_and_results_do_not_depend_on_it(loss):
    plain, other = build(), build(correspondence=[loss])
    weights, others = plain.state_dict(), other.state_dict()
    own = [name for name in others if name.startswith('correspondence.')]
    projection = [f'correspondence.0.projection.{part}' for part in ('weight', 'bias')]
    assert own == (projection if loss is PROJECTED else [])
    assert list(weights) == [name for name in others if name not in own]
    assert all(torch.equal(weights[name], others[name]) for name in weights)

    frames = torch.rand(3, 3, 48, 64)
    mask = torch.zeros(48, 64, dtype=torch.uint8)
    mask[10:30, 10:40] = 1
    results = []
    for model in (plain.eval(), other.eval()):
        stream = model.stream()
        results.append(torch.stack([stream.step(frame, mask if t == 0 else None)[1] for t, frame in enumerate(frames)]))
    assert torch.equal(*results)


def test_mask_losses_are_the_same_and_gradients_are_added():
    _, plain_gradients = plain = losses_and_gradients(build(), clips())
    losses, gradients = losses_and_gradients(build(correspondence=[PIXEL]), clips())
    assert {name: losses[name] for name in plain[0]} == plain[0]
    assert set(losses) - set(plain[0]) == {'loss_pixel_temporal', 'loss_pixel_cross_view'}
    assert set(gradients) == set(plain_gradients)
    assert not torch.equal(gradients['key_encoder.key_projection.weight'],
                           plain_gradients['key_encoder.key_projection.weight'])
    # Nothing behind the key.
    assert torch.equal(gradients['head.predict.weight'], plain_gradients['head.predict.weight'])
    assert not any(torch.is_tensor(part) and part.isnan().any() for part in gradients.values())


def test_only_frame_0_of_the_second_view_has_a_gradient(monkeypatch):
    seen = []
    forward = PixelCorrespondence.forward
    monkeypatch.setattr(PixelCorrespondence, 'forward',
                        lambda self, views, *args: seen.append(views) or forward(self, views, *args))
    losses_and_gradients(build(correspondence=[PIXEL]), clips(number=2, num_frames=4))
    views, = seen
    assert (views.matrices.shape[1], len(views.first.key), len(views.second_start.key), len(views.second_rest.key)) == (
        4, 8, 2, 6)
    assert views.first.key.requires_grad and views.second_start.key.requires_grad
    assert not views.second_rest.key.requires_grad and not views.second_rest.context.requires_grad


def test_training_teaches_the_matching():
    model = build(correspondence=[PROJECTED], losses=[])
    wrapper = OptimWrapper(torch.optim.AdamW(model.parameters(), lr=1e-2))
    losses = [float(model.train_step(clips(), wrapper)['loss_pixel_temporal'].detach()) for _ in range(12)]
    assert losses[-1] < 0.8 * losses[0]


def test_nothing_of_the_second_view_is_computed_without_a_loss(monkeypatch):
    monkeypatch.setattr('vosreg.models.second_view.RandomSecondView.__call__', None)
    model = build(second_view=dict(type='RandomSecondView', crop=(0.6, 0.7)))
    assert model.data_preprocessor.second_view is None
    losses_and_gradients(model, clips())
    assert build(correspondence=[PIXEL], second_view=dict(type='RandomSecondView', crop=(0.6, 0.7))
                 ).data_preprocessor.second_view.crop == (0.6, 0.7)


@pytest.mark.parametrize('loss, needed', [(PixelCorrespondence, True), (ObjectCorrespondence, False)])
def test_a_class_instead_of_its_name(loss, needed):
    """As MMEngine's pure-Python configs give it."""
    model = build(correspondence=[dict(type=loss)])
    assert isinstance(model.correspondence[0], loss)
    assert (model.data_preprocessor.second_view is not None) == needed


def test_a_loss_that_says_nothing_of_the_second_view_gets_it():
    class Plain(torch.nn.Module):
        def __init__(self, spec):
            super().__init__()

    assert build(correspondence=[dict(type=Plain)]).data_preprocessor.second_view is not None


def test_the_object_loss_needs_no_second_view(monkeypatch):
    model = build(correspondence=[OBJECT])
    assert model.data_preprocessor.second_view is None
    plain, plain_gradients = losses_and_gradients(build(), clips())
    losses, gradients = losses_and_gradients(model, clips())
    assert {name: losses[name] for name in plain} == plain and losses['loss_object'] > 0.01
    name = 'key_encoder.key_projection.weight'
    assert not torch.equal(gradients[name], plain_gradients[name])
    both = losses_and_gradients(build(correspondence=[OBJECT, PIXEL]), clips())[0]
    assert both['loss_object'] == losses['loss_object'] and both['loss_pixel_temporal'] > 0


def test_losses_of_one_name_add_up():
    one, other = OBJECT, dict(OBJECT, weight=0.3, temperature=0.5)
    losses = [losses_and_gradients(build(correspondence=parts), clips())[0]['loss_object']
              for parts in ([one], [other], [one, other])]
    torch.testing.assert_close(losses[0] + losses[1], losses[2])
    assert losses[0] > 0.01 and losses[1] > 0.01


def test_bfloat16():
    model = build(correspondence=[PROJECTED, OBJECT])
    with torch.autocast('cpu', dtype=torch.bfloat16):
        losses, gradients = losses_and_gradients(model, clips())
    expected, _ = losses_and_gradients(model, clips())
    for name in ('loss_pixel_temporal', 'loss_pixel_cross_view', 'loss_object'):
        assert losses[name].dtype == torch.float32
        torch.testing.assert_close(losses[name], expected[name], rtol=0.05, atol=0.02)
    assert gradients['correspondence.0.projection.weight'].any()


def test_a_clip_that_diverged_is_named():
    model = build(correspondence=[PIXEL])
    model.key_encoder.key_projection.weight.data.fill_(float('inf'))
    with pytest.raises(FloatingPointError, match='PixelCorrespondence: .* of video video0, video1 are not finite'):
        losses_and_gradients(model, clips())


def without_labels(batch, *indices):
    for index in indices:
        batch['data_samples'][index].masks.zero_()
        batch['data_samples'][index].set_metainfo(dict(num_objects=0))
    return batch


def test_mask_losses_see_the_labelled_clips_only():
    some = {name: items[1:3] for name, items in clips(number=4).items()}
    expected, expected_gradients = losses_and_gradients(build(), some)
    losses, gradients = losses_and_gradients(build(), without_labels(clips(number=4), 0, 3))
    for actual, wanted in ((losses, expected), (gradients, expected_gradients)):
        assert set(actual) == set(wanted)
        for name in wanted:
            assert torch.allclose(actual[name], wanted[name], rtol=1e-3, atol=1e-6), name
    with_pixels, _ = losses_and_gradients(build(correspondence=[PIXEL]), without_labels(clips(number=4), 0, 3))
    whole, _ = losses_and_gradients(build(correspondence=[PIXEL]), clips(number=4))
    for name in ('loss_pixel_temporal', 'loss_pixel_cross_view'):
        assert with_pixels[name] == whole[name] > 0


def test_a_batch_without_labels_gives_every_parameter_a_gradient():
    model = build(correspondence=[PIXEL, OBJECT])
    batch = without_labels(clips(), 0, 1)
    batch['data_samples'][0].proposals = torch.ones(3, 48, 64, dtype=torch.uint8)
    losses, gradients = losses_and_gradients(model, batch)
    assert losses['loss_ce'] == losses['loss_dice'] == 0 < losses['loss_pixel_temporal']
    assert set(gradients) == {name for name, parameter in model.named_parameters() if parameter.requires_grad}
    assert gradients['key_encoder.key_projection.weight'].any() and not gradients['head.predict.weight'].any()


@pytest.mark.parametrize('unlabelled', [(), (0, ), (0, 1)])
def test_nothing_is_made_on_another_device_than_the_clips(unlabelled):
    """On a GPU, what is made without saying where is on the CPU; here it is where no tensor has data."""
    model = build(correspondence=[PROJECTED, OBJECT])
    batch = without_labels(clips(), *unlabelled)
    expected, _ = losses_and_gradients(model, batch)
    with torch.device('meta'):
        losses, _ = losses_and_gradients(model, batch)
    assert losses == expected


# The last view reaches beyond the first by different amounts, so the processes have different numbers of pixels.
VIEWS = [dict(type='RandomSecondView'), dict(type='RandomSecondView', crop=(0.7, 1.5), rotation=30)]


def uneven_clips():
    """Four clips, of which the even ones, all in one process, are unlabelled; the last has two discovered objects."""
    batch = without_labels(clips(number=4), 0, 2)
    proposals = torch.zeros(3, 48, 64, dtype=torch.uint8)
    proposals[:, :, :16], proposals[:, 30:, 40:] = 1, 2
    batch['data_samples'][3].proposals = proposals
    return batch


def of_each_view(batch):
    MessageHub.get_current_instance().update_info('iter', 11)
    results = [losses_and_gradients(build(correspondence=[PROJECTED, OBJECT], second_view=view), batch)
               for view in VIEWS]
    MessageHub.get_current_instance().pop_info('iter')
    return results


def part_of_the_batch(rank, address, folder):
    """What a process gets that takes every second clip, as ClipSampler deals them, averaged as in training."""
    dist.init_process_group('gloo', init_method=address, rank=rank, world_size=2)
    results = of_each_view({name: items[rank::2] for name, items in uneven_clips().items()})
    for losses, gradients in results:
        for tensor in [*losses.values(), *gradients.values()]:
            dist.all_reduce(tensor)
            tensor /= 2
    if rank == 0:
        torch.save(results, folder / 'two.pth')
    dist.destroy_process_group()


def test_two_processes_compute_what_one_does(tmp_path):
    with socket.socket() as free:
        free.bind(('localhost', 0))
        address = f'tcp://localhost:{free.getsockname()[1]}'
    spawn(part_of_the_batch, (address, tmp_path), nprocs=2)
    for two, one in zip(torch.load(tmp_path / 'two.pth'), of_each_view(uneven_clips())):
        for actual, expected in zip(two, one):
            assert set(actual) == set(expected)
            for name in expected:
                assert torch.allclose(actual[name], expected[name], rtol=1e-3, atol=1e-5), name
