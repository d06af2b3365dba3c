"""The model as a whole, small enough for the CPU: training steps, streaming, any backbone, bad input."""
import gc
import re
import weakref

import numpy as np
import pytest
import torch
from golden import REPOSITORY
from mmengine.config import Config
from mmengine.optim import OptimWrapper

from vosreg.registry import MEMORY_BANKS, MODELS
from vosreg.structures import VOSDataSample

LIGHT = '_base_/models/stcn_efficientnet_lite0.py'


def light_config(**backbone):
    config = Config.fromfile(REPOSITORY / 'configs' / LIGHT).model
    config.key_encoder.backbone.update(init_cfg=None, **backbone)
    config.key_encoder.fusion.out_channels = 16
    config.value_encoder.value_channels = 16
    config.head.channels = (16, 8)
    return config


@pytest.fixture
def light():
    torch.manual_seed(0)
    return MODELS.build(light_config())


def clips(counts=(2, 1), num_frames=3, size=64):
    """A batch of clips in which squares move to the right over noise."""
    generator = np.random.default_rng(0)
    inputs, samples = [], []
    for count in counts:
        frames = generator.integers(0, 255, (num_frames, 3, size, size), dtype=np.uint8)
        masks = np.zeros((num_frames, size, size), np.uint8)
        for t in range(num_frames):
            for i in range(count):
                rows, columns = slice(4 + 30 * i, 24 + 30 * i), slice(8 + 4 * t, 32 + 4 * t)
                masks[t, rows, columns] = i + 1
                frames[t][:, rows, columns] = np.reshape([200, 90 * i, 30], (3, 1, 1))
        inputs.append(torch.from_numpy(frames))
        samples.append(VOSDataSample(masks=torch.from_numpy(masks), metainfo=dict(num_objects=count)))
    return dict(inputs=inputs, data_samples=samples)


def optimizer(model, lr=1e-3):
    parameters = [p for p in model.parameters() if p.requires_grad]
    return OptimWrapper(optimizer=torch.optim.AdamW(parameters, lr=lr))


def test_training_lowers_the_loss(light):
    wrapper = optimizer(light, lr=3e-3)
    losses = [float(light.train_step(clips(), wrapper)['loss'].detach()) for _ in range(20)]
    assert losses[-1] < 0.5 * losses[0]


@pytest.mark.parametrize('model_name', [
    'resnet18', 'convnext_tiny', 'mobilenetv3_large_100', 'tf_efficientnet_lite0', 'vit_small_patch14_dinov2'])
def test_backbone_is_one_line(model_name):
    """Each trains two steps and segments a clip with nothing else of the config changed."""
    torch.manual_seed(0)
    config = Config.fromfile(REPOSITORY / 'configs' / LIGHT).model
    config.key_encoder.backbone = dict(type='TIMMBackbone', model_name=model_name)
    model = MODELS.build(config)
    model.init_weights()
    wrapper = optimizer(model)
    for _ in range(2):
        assert torch.isfinite(model.train_step(clips(), wrapper)['loss'])
    outputs = [model.test_step(frame_batch(t))[0] for t in range(3)]
    assert [output.pred_mask.shape for output in outputs] == [(50, 70)] * 3
    assert torch.equal(outputs[0].pred_mask, given_mask())


def given_mask():
    mask = torch.zeros(50, 70, dtype=torch.uint8)
    mask[10:30, 5:25], mask[30:45, 40:60] = 3, 7
    return mask


def frame_batch(t, video='clip', length=3, mask=None):
    frame = torch.from_numpy(np.random.default_rng(t).integers(0, 255, (3, 50, 70), dtype=np.uint8))
    sample = VOSDataSample(
        metainfo=dict(video=video, frame_index=t, frame_name=f'{t:05d}', video_length=length, ori_shape=(50, 70)))
    if t == 0 or mask is not None:
        sample.given_mask = given_mask() if mask is None else mask
    return dict(inputs=[frame], data_samples=[sample])


def test_ids_as_on_disk(light):
    for t in range(3):
        output = light.eval().test_step(frame_batch(t))[0]
    assert set(output.pred_mask.unique().tolist()) <= {0, 3, 7}


def test_result_has_the_size_on_disk(light):
    batch = frame_batch(0)
    batch['data_samples'][0].set_metainfo(dict(ori_shape=(100, 140)))
    assert light.eval().test_step(batch)[0].pred_mask.shape == (100, 140)


def test_frames_out_of_order_are_an_error(light):
    light.eval().test_step(frame_batch(0))
    with pytest.raises(ValueError, match='frame 2 of video clip does not follow'):
        light.test_step(frame_batch(2))
    with pytest.raises(ValueError, match='frame 1 of video other does not follow'):
        light.test_step(frame_batch(1, video='other'))


def test_the_memory_of_a_video_goes_with_it(light):
    light.eval()
    memories = []
    for video in ('broken off', 'whole'):
        light.test_step(frame_batch(0, video))
        memories.append(weakref.ref(light._stream.first.memory))
    light.test_step(frame_batch(1, 'whole'))
    gc.collect()
    assert [memory() is None for memory in memories] == [True, False]
    light.test_step(frame_batch(2, 'whole'))
    gc.collect()
    assert memories[1]() is None
    with pytest.raises(ValueError, match='frame 2 of video whole does not follow the frame before it'):
        light.test_step(frame_batch(2, 'whole'))


def test_mask_of_another_size_is_an_error(light):
    with pytest.raises(ValueError, match='frame 0 of video v: the mask is'):
        light.eval().stream('v').step(torch.zeros(3, 32, 32), torch.zeros(16, 16, dtype=torch.uint8))


def test_video_whose_first_objects_come_later(light):
    stream = light.eval().stream()
    image = torch.rand(3, 48, 64)
    assert torch.equal(stream.step(image), torch.ones(1, 48, 64))
    mask = torch.zeros(48, 64, dtype=torch.uint8)
    mask[:20, :20] = 5
    prob = stream.step(image, mask)
    assert stream.object_ids == [5]
    assert torch.equal(stream.index_mask(prob, (48, 64)), mask)
    assert stream.step(image).shape == (2, 48, 64)


@pytest.mark.parametrize('first, later', [((1, 2), (1, 2)), ((1, ), (1, 2)), ((1, 2), (1, 2, 3)), ((1, 2), (2, 3))])
def test_masks_given_again(light, first, later):
    """A later mask corrects known objects and adds new ones; objects that it leaves out stay as predicted."""
    def mask(ids):
        mask = torch.zeros(48, 64, dtype=torch.uint8)
        for i in ids:
            mask[12 * i - 8:12 * i, 8:40] = i
        return mask

    stream = light.eval().stream()
    stream.step(torch.rand(3, 48, 64), mask(first))
    image = torch.rand(3, 48, 64)
    prob = stream.step(image, mask(later))
    assert stream.object_ids == sorted({*first, *later})
    assert prob.shape[0] == len(stream.object_ids) + 1 and stream.memory.num_objects == len(stream.object_ids)
    result = stream.index_mask(prob, (48, 64))
    assert torch.equal(result[mask(later) > 0], mask(later)[mask(later) > 0])
    if set(first) <= set(later):
        assert torch.equal(result, mask(later))
    assert stream.step(image).shape == prob.shape


def test_probabilities_sum_to_one(light):
    stream = light.eval().stream()
    for t in range(3):
        data = frame_batch(t)
        prob = stream.step(data['inputs'][0] / 255, data['data_samples'][0].get('given_mask'))
        torch.testing.assert_close(prob.sum(0), torch.ones(50, 70))


def test_memory_schedule(light):
    """A memory frame every second frame; the previous frame only until the next one comes."""
    light.test_cfg = dict(mem_every=2, include_last=True)
    stream = light.eval().stream()
    mask = torch.zeros(32, 32, dtype=torch.uint8)
    mask[:16] = 1
    frames = []
    for t in range(6):
        stream.step(torch.rand(3, 32, 32), mask if t == 0 else None, is_last=t == 5)
        frames.append(len(stream.memory.elements) // 16)
    assert frames == [1, 2, 2, 3, 3, 3]


def test_training_and_streaming_agree(light):
    """One step serves both: with all memory read, the second frame's class scores are those of the training memory."""
    light.test_memory = dict(type='StreamMemory', top_k=10**6)
    light.eval()
    data = light.data_preprocessor(clips(counts=(2, )))
    image = data['inputs'][0]
    first = data['data_samples'][0].masks[0]
    with torch.no_grad():
        features = light.encode(image)
        memory = MEMORY_BANKS.build(light.train_memory)
        one_hot = torch.stack([first == 1, first == 2])[None].float()
        light.memorize(image[:1], features.select(slice(0, 1)), one_hot, memory, 0)
        stepped = light.step(features.select(slice(1, 2)), memory, image.shape[-2:]).softmax(1)[0]
    stream = light.stream()
    stream.step(image[0], first)
    torch.testing.assert_close(stepped, stream.step(image[1]), atol=1e-5, rtol=1e-4)


@torch.no_grad()
def test_clips_of_a_batch_do_not_mix(light):
    """A clip with one object costs the same beside a clip with two."""
    batch = light.data_preprocessor(clips(counts=(2, 1)))

    def losses(clip):
        return light.loss(batch['inputs'][clip], batch['data_samples'][clip])

    together, apart = losses(slice(0, 2)), [losses(slice(0, 1)), losses(slice(1, 2))]
    torch.testing.assert_close(together['loss_ce'], (apart[0]['loss_ce'] + apart[1]['loss_ce']) / 2)


def test_single_object_weights_load_into_the_multi_object_form():
    def build(see_others):
        return MODELS.build(dict(
            type='MatchingVOS',
            key_encoder=dict(type='KeyEncoder', backbone=dict(type='TIMMBackbone', model_name='resnet18'),
                             context_channels=32),
            value_encoder=dict(type='ValueEncoder', backbone=dict(type='TIMMBackbone', model_name='resnet18'),
                               value_channels=32, see_others=see_others),
            head=dict(type='ReadoutHead', channels=(32, 16, 16)))).eval()
    single, multi = build(False), build(True)
    own_channel = multi.value_encoder.backbone.model.conv1.weight[:, 4:].clone()
    multi.load_state_dict(single.state_dict(), strict=True)
    weight = multi.value_encoder.backbone.model.conv1.weight
    assert torch.equal(weight[:, :4], single.value_encoder.backbone.model.conv1.weight)
    assert torch.equal(weight[:, 4:], own_channel)
    image, masks = torch.rand(1, 3, 32, 32), torch.rand(1, 1, 32, 32)
    with torch.no_grad():
        features = single.encode(image)
        torch.testing.assert_close(single.value_encoder(image, features, masks),
                                   multi.value_encoder(image, features, masks))


def test_head_of_another_stride_is_an_error():
    config = light_config()
    config.head.channels = (16, 8, 8)
    with pytest.raises(ValueError, match=r'stride 8 needs 2 channels \(at strides \[8, 4\]\)'):
        MODELS.build(config)


@pytest.mark.parametrize('strides, message', [
    ((4, 16), "the backbone has no map of the key's stride 8, only [4, 16]"),
    ((8, 16), 'the head needs a map of stride 4, but the backbone of the key encoder has only [8, 16]')])
def test_a_backbone_without_a_stride_that_is_needed_is_an_error(strides, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        MODELS.build(light_config(strides=strides))


def test_a_key_of_stride_32():
    config = light_config(strides=(4, 8, 16, 32))
    config.update(pad_multiple=32)
    config.key_encoder.update(stride=32)
    config.head.channels = (16, 16, 8, 8)
    model = MODELS.build(config)
    losses = model(**model.data_preprocessor(clips(), training=True), mode='loss')
    assert all(loss.isfinite() for loss in losses.values())
    masks = torch.zeros(50, 70, dtype=torch.uint8)
    masks[10:30, 10:40] = 1
    assert model.eval().stream().step(torch.zeros(3, 50, 70), masks).shape == (2, 50, 70)


@pytest.mark.parametrize('settings, message', [
    (dict(train_cfg=dict(deep_update_probability=1.0)),
     'train_cfg of MatchingVOS has no setting deep_update_probability; there are deep_update_prob$'),
    (dict(test_cfg=dict(mem_every=5, mem_evry=2)),
     'test_cfg of MatchingVOS has no setting mem_evry; there are views, keep_scores, mem_every, include_last, '
     'deep_update_every, record_matches$'),
    (dict(test_cfg=dict(resize=True)), 'no setting resize'),
])
def test_a_setting_that_there_is_not(settings, message):
    with pytest.raises(ValueError, match=message):
        MODELS.build(dict(light_config(), **settings))


def test_backbone_of_mmseg():
    config = light_config()
    config.key_encoder.backbone = dict(
        type='WrappedBackbone',
        backbone=dict(type='mmseg.MixVisionTransformer', embed_dims=8, num_layers=[1, 1, 1], num_heads=[1, 1, 2],
                      num_stages=3, patch_sizes=[7, 3, 3], strides=[4, 2, 2], sr_ratios=[8, 4, 2],
                      out_indices=(0, 1, 2)),
        level_strides=(4, 8, 16), level_channels=(8, 8, 16))
    model = MODELS.build(config)
    assert torch.isfinite(model.train_step(clips(), optimizer(model))['loss'])
    with pytest.raises(ValueError, match=r'no map of stride 16, only \[4, 8\]'):
        MODELS.build(dict(type='WrappedBackbone', backbone=dict(type='mmseg.MixVisionTransformer'),
                          level_strides=(4, 8), level_channels=(8, 8)))


@pytest.mark.parametrize('loss', [dict(type='mmseg.DiceLoss'), dict(type='mmseg.CrossEntropyLoss')])
def test_losses_of_mmseg(loss):
    config = light_config()
    config.losses = [loss]
    model = MODELS.build(config)
    assert torch.isfinite(model.train_step(clips(), optimizer(model))['loss'])
