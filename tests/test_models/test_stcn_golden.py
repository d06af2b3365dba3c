"""STCN against the official implementation: the same weights, frames and masks give the same numbers."""
import numpy as np
import pytest
import torch
from golden import build_model, given_mask, normalise, official_state_dict

from vosreg.engine.official.stcn import to_vosreg
from vosreg.ops import pad_to_multiple

# run: (frames, height, width, {frame: object ids given there}, mem_every, include_last, sub-sampling of prob)
RUNS = {
    'tennis': ('tennis', 12, 240, 432, {0: [1]}, 3, False, 4),
    'schoolgirls': ('schoolgirls', 8, 240, 432, {0: [1, 2, 3, 4, 5, 6, 7]}, 2, True, 4),
    'padding': ('tennis', 4, 227, 419, {0: [1]}, 2, False, 4),
    'late': ('schoolgirls', 7, 240, 432, {0: [1, 3, 5], 3: [2, 4, 6, 7]}, 2, False, 8),
}


@pytest.fixture(scope='module')
def stcn(golden_root):
    model = build_model('_base_/models/stcn_resnet50.py')
    model.load_state_dict(to_vosreg(official_state_dict(golden_root, 'stcn')), strict=True)
    return model


@pytest.fixture(scope='module')
def golden(golden_root):
    return np.load(golden_root / 'stcn_inference.npz')


@pytest.mark.parametrize('run', RUNS)
def test_run(stcn, golden, clips, run):
    clip, num_frames, height, width, given, mem_every, include_last, subsample = RUNS[run]
    images = normalise(clips[f'{clip}_frames'][:num_frames, :height, :width])
    stcn.test_cfg = dict(mem_every=mem_every, include_last=include_last)
    stream = stcn.stream(run)
    expected_prob, expected_mask = golden[f'{run}__prob'], golden[f'{run}__mask']
    differences, agreement = [], []
    for t, image in enumerate(images):
        mask = given_mask(clips, clip, t, given[t], height, width) if t in given else None
        prob = stream.step(image, mask, is_last=t == num_frames - 1)
        prob_by_id = torch.zeros(len(expected_prob), height, width)
        prob_by_id[[0, *stream.object_ids]] = prob
        differences.append((prob_by_id[:, ::subsample, ::subsample] - torch.from_numpy(expected_prob[:, t])).abs())
        agreement.append((stream.index_mask(prob, (height, width)).numpy() == expected_mask[t]).mean())
        assert (1 - agreement[-1]) * height * width <= 30
    differences = torch.stack(differences)
    print(f'STCN {run}: prob max {differences.max():.1e} mean {differences.mean():.1e}, '
          f'pixels that agree {np.mean(agreement):.6f}')
    assert differences.max() < 3e-4
    assert differences.mean() < 2e-5


@pytest.mark.parametrize('run', ['tennis', 'schoolgirls', 'padding'])
@torch.no_grad()
def test_intermediate_arrays(stcn, golden, clips, run):
    clip, _, height, width, given, *_ = RUNS[run]
    images, _ = pad_to_multiple(normalise(clips[f'{clip}_frames'][:2, :height, :width]), 16)
    stcn.test_cfg = dict(mem_every=1)
    stream = stcn.stream(run)
    first_prob = stream.step(normalise(clips[f'{clip}_frames'][:1, :height, :width])[0],
                             given_mask(clips, clip, 0, given[0], height, width))
    features = stcn.encode(images)

    def close(name, array, tolerance):
        torch.testing.assert_close(
            array.squeeze(), torch.from_numpy(golden[f'{run}__{name}']).squeeze(), atol=tolerance, rtol=0)

    def close_statistics(name, array, tolerance):
        array = array.double()
        dims = tuple(range(array.ndim - 3, array.ndim))
        statistics = torch.stack(
            [array.mean(dims), array.std(dims, unbiased=False), array.amin(dims), array.amax(dims)], dim=-1)
        expected = torch.from_numpy(golden[f'{run}__{name}_stats']).double()
        torch.testing.assert_close(statistics.reshape(expected.shape), expected, atol=tolerance, rtol=0)

    for t in (0, 1):
        close(f'key_frame{t}', features.key[t], 5e-4)
        close(f'f16_frame{t}_first8', features.pyramid[16][t, :8], 5e-4)
        close_statistics(f'f16_frame{t}', features.pyramid[16][t], 5e-4)
        close_statistics(f'f8_frame{t}', features.pyramid[8][t], 5e-4)
        close_statistics(f'f4_frame{t}', features.pyramid[4][t], 5e-4)
        close(f'f16thin_frame{t}_first8', features.context[t, :8], 5e-4)
        close_statistics(f'f16thin_frame{t}', features.context[t], 5e-4)
    first_prob, _ = pad_to_multiple(first_prob[None], 16)
    value = stcn.value_encoder(images[:1], features.select(slice(0, 1)), first_prob[:, 1:])[0]
    close('value_frame0_first8', value[:, :8], 5e-4)
    close_statistics('value_frame0', value, 5e-4)
    query = features.select(slice(1, 2))
    readout = stream.memory.read(query)
    close('readout_frame1_first8', readout[0, :, :8], 5e-3)
    close_statistics('readout_frame1', readout[0], 5e-3)
    logits = torch.nn.functional.interpolate(stcn.head(readout, query)[0], scale_factor=4, mode='bilinear')
    close('sigmoid_frame1', logits.sigmoid()[0, :, ::4, ::4], 3e-4)
