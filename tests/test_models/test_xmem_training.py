"""XMem in training: what it remembers of a clip, what refreshes the sensory state, and correspondence by config."""
import numpy as np
import pytest
import torch
from mmengine.logging import MessageHub
from mmengine.optim import OptimWrapper
from small_xmem import build_xmem, moving_squares, xmem_config

from vosreg.models.clip_generators import batch_generator
from vosreg.models.layers import PyramidSensoryUpdate, SensoryUpdate
from vosreg.models.memory_banks import ClipMemory
from vosreg.registry import MODELS
from vosreg.structures import FrameFeatures

KINDS = ['pixel', 'object', 'pixel-object']


def losses_and_gradients(model, batch):
    losses = model(**model.data_preprocessor(batch, training=True), mode='loss')
    model.zero_grad()
    sum(losses.values()).backward()
    gradients = {name: parameter.grad for name, parameter in model.named_parameters() if parameter.grad is not None}
    return {name: loss.detach() for name, loss in losses.items()}, gradients


def test_training_lowers_the_loss_and_reaches_every_parameter():
    model = build_xmem()
    _, gradients = losses_and_gradients(model, moving_squares())
    assert set(gradients) == {name for name, parameter in model.named_parameters() if parameter.requires_grad}
    assert all(gradients[name].any() for name in (
        'deep_update.gates.weight', 'head.sensory_update.projections.0.weight',
        'key_encoder.shrinkage_projection.weight', 'key_encoder.selection_projection.weight'))
    wrapper = OptimWrapper(torch.optim.AdamW(model.parameters(), lr=5e-3))
    losses = [float(model.train_step(moving_squares(), wrapper)['loss'].detach()) for _ in range(12)]
    assert np.mean(losses[-3:]) < 0.7 * losses[0]


def test_all_losses_fall_together():
    model = build_xmem('xmem/xmem_efficientnet-lite0_synthetic_pixel-object.py', correspondence=[
        dict(type='PixelCorrespondence'), dict(type='ObjectCorrespondence')])
    wrapper = OptimWrapper(torch.optim.AdamW(model.parameters(), lr=5e-3))
    steps = [model.train_step(moving_squares(), wrapper) for _ in range(24)]
    names = {'loss_ce', 'loss_dice', 'loss_pixel_temporal', 'loss_pixel_cross_view', 'loss_object'}
    curves = {name: [float(step[name].detach()) for step in steps] for name in names}
    for name, curve in curves.items():
        assert np.mean(curve[-4:]) < 0.9 * np.mean(curve[:4]), (name, curve)


@pytest.mark.parametrize('kind', KINDS)
def test_correspondence_by_config_alone(kind):
    """All losses are finite; neither the weights nor the masks depend on them."""
    config = f'xmem/xmem_efficientnet-lite0_synthetic_{kind}.py'
    plain, model = build_xmem(), build_xmem(config)
    assert all(torch.equal(*pair) for pair in zip(plain.state_dict().values(), model.state_dict().values()))
    assert list(plain.state_dict()) == list(model.state_dict())
    MessageHub.get_current_instance().update_info('iter', 400)
    plain_losses, _ = losses_and_gradients(plain, moving_squares())
    losses, gradients = losses_and_gradients(model, moving_squares())
    MessageHub.get_current_instance().pop_info('iter')
    expected = {'pixel': {'loss_pixel_temporal', 'loss_pixel_cross_view'}, 'object': {'loss_object'}}
    expected['pixel-object'] = expected['pixel'] | expected['object']
    assert set(losses) - set(plain_losses) == expected[kind]
    assert {name: losses[name] for name in plain_losses} == plain_losses
    assert all(loss.isfinite() and loss > 0 for loss in losses.values())
    assert all(gradient.isfinite().all() for gradient in gradients.values())

    batch = moving_squares()
    frames, first = batch['inputs'][0].float() / 255, batch['data_samples'][0].masks[0]
    results = []
    for network in (plain.eval(), model.eval()):
        stream = network.stream()
        results.append(torch.stack([stream.step(frame, first if t == 0 else None) for t, frame in enumerate(frames)]))
    assert torch.equal(*results)


def test_clips_of_a_batch_do_not_mix():
    model = build_xmem(train_memory=dict(reference_frames=None))
    batch = model.data_preprocessor(moving_squares())
    with torch.no_grad():
        together, *apart = (model.loss(batch['inputs'][clip], batch['data_samples'][clip])
                            for clip in (slice(0, 2), slice(0, 1), slice(1, 2)))
    torch.testing.assert_close(together['loss_ce'], (apart[0]['loss_ce'] + apart[1]['loss_ce']) / 2)


def clip_loss(model, batch, clips):
    with torch.no_grad():
        return model.loss(batch['inputs'][clips], batch['data_samples'][clips])['loss_ce']


def test_two_processes_draw_what_one_does(monkeypatch):
    """The frames that a clip is read from, and the deep updates, are those of its place in the whole batch."""
    model = build_xmem()
    batch = model.data_preprocessor(moving_squares(num_frames=7))
    together = clip_loss(model, batch, slice(0, 2))
    apart = []
    monkeypatch.setattr('vosreg.models.clip_generators.get_world_size', lambda: 2)
    for rank in range(2):
        monkeypatch.setattr('vosreg.models.clip_generators.get_rank', lambda rank=rank: rank)
        apart.append(clip_loss(model, batch, slice(rank, rank + 1)))
    torch.testing.assert_close(together, sum(apart) / 2)


def test_what_is_drawn_depends_on_the_iteration_only():
    """So a resumed training draws what an uninterrupted one does."""
    model, losses = build_xmem(), []
    batch = model.data_preprocessor(moving_squares(num_frames=7))
    for iteration in (3, 4, 3):
        MessageHub.get_current_instance().update_info('iter', iteration)
        torch.manual_seed(iteration + len(losses))
        losses.append(clip_loss(model, batch, slice(0, 2)))
    MessageHub.get_current_instance().pop_info('iter')
    assert losses[0] == losses[2] != losses[1]


@pytest.mark.parametrize('deep_update_prob, num_deep', [(0, 1), (1, 4)])
def test_schedule_of_the_sensory_updates(monkeypatch, deep_update_prob, num_deep):
    """Every segmented frame but the last, and the values of frame 0 and of random later frames."""
    calls = {SensoryUpdate: 0, PyramidSensoryUpdate: 0}
    for layer in calls:
        def forward(self, *inputs, _forward=layer.forward, _layer=layer):
            calls[_layer] += 1
            return _forward(self, *inputs)
        monkeypatch.setattr(layer, 'forward', forward)
    build_xmem(train_cfg=dict(deep_update_prob=deep_update_prob)).loss(
        **build_xmem().data_preprocessor(moving_squares()))
    # The update by the pyramid ends in one of the other kind.
    assert calls[PyramidSensoryUpdate] == 3 and calls[SensoryUpdate] - 3 == num_deep


def test_deep_updates_are_a_fifth_and_the_same_for_all_processes(monkeypatch):
    draws = []
    for iteration in range(2000):
        MessageHub.get_current_instance().update_info('iter', iteration)
        draws.append(batch_generator('deep updates').random() < 0.2)
    monkeypatch.setattr('vosreg.models.clip_generators.get_rank', lambda: 3)
    assert draws[-1] == (batch_generator('deep updates').random() < 0.2)
    MessageHub.get_current_instance().pop_info('iter')
    assert 0.17 < np.mean(draws) < 0.23


def test_reference_frames():
    """Frame 0 and two other frames of the past, drawn for each clip; all of them while there are three at most."""
    memory = ClipMemory(reference_frames=3, generators=[np.random.default_rng(i) for i in range(2)])
    features = [FrameFeatures(key=torch.zeros(2, 1, 1, 1), context=None, pyramid={}) for _ in range(7)]
    seen = []
    for t in range(7):
        # With keys that are all the same, a frame's share of the readout is one over the number of frames.
        one_hot = torch.zeros(2, 1, 7, 1, 1)
        one_hot[:, :, t] = 1
        memory.write(features[t], one_hot, t)
        shares = [memory.read(features[t])[:, 0, :, 0, 0] for _ in range(100 if t == 6 else 1)]
        seen.append(torch.stack(shares))
        assert ((seen[t] > 0).sum(-1) == min(t + 1, 3)).all() and (seen[t][..., 0] > 0).all()
    chosen = seen[6] > 0
    assert (chosen[:, 0] != chosen[:, 1]).any()
    assert chosen[:, :, 1:].sum(0).min() > 15 and chosen[:, :, 1:].sum(0).max() < 55


def test_training_and_streaming_agree():
    """With all memory read and every frame remembered, the loss's class scores are those of the stream."""
    model = build_xmem(test_memory=dict(type='StreamMemory', top_k=10**6), train_memory=dict(reference_frames=None),
                       train_cfg=dict(deep_update_prob=1), test_cfg=dict(mem_every=1)).eval()
    batch = model.data_preprocessor(moving_squares(counts=(2, ), num_frames=4))
    scores = []
    step = model.step
    # A memory frame of a stream is refreshed by its values only.
    model.step = lambda *args, **kwargs: scores.append(step(*args, **dict(kwargs, update_sensory=False))) or scores[-1]
    with torch.no_grad():
        model.loss(**batch)
    model.step = step
    stream, first = model.stream(), batch['data_samples'][0].masks[0]
    for t, frame in enumerate(batch['inputs'][0]):
        prob = stream.step(frame, first if t == 0 else None)
        if t:
            torch.testing.assert_close(scores[t - 1].softmax(1)[0], prob, atol=1e-4, rtol=1e-4)


def test_bfloat16():
    model = build_xmem()
    with torch.autocast('cpu', dtype=torch.bfloat16):
        losses, gradients = losses_and_gradients(model, moving_squares())
    expected, _ = losses_and_gradients(model, moving_squares())
    torch.testing.assert_close(losses['loss_dice'], expected['loss_dice'], rtol=0.05, atol=0.05)
    assert all(gradient.isfinite().all() for gradient in gradients.values())


def test_gates():
    """h' = f h (1 - u) + u tanh(n), which is not a GRU."""
    layer = SensoryUpdate(in_channels=1, sensory_channels=1)
    torch.nn.init.zeros_(layer.gates.weight)
    layer.gates.bias.data = torch.tensor([2.0, -1.0, 0.5])
    forget, update, new = torch.tensor([2.0, -1.0]).sigmoid().tolist() + torch.tensor([0.5]).tanh().tolist()
    state = torch.full((1, 2, 1, 3, 3), 0.7)
    torch.testing.assert_close(
        layer(torch.zeros(1, 2, 1, 3, 3), state), torch.full_like(state, forget * 0.7 * (1 - update) + update * new))


def test_a_model_without_a_sensory_memory_has_no_part_of_it():
    model = MODELS.build(xmem_config(sensory_channels=0))
    assert not any('sensory' in name or 'deep' in name for name in model.state_dict())
    assert losses_and_gradients(model, moving_squares())[0]['loss_ce'].isfinite()
