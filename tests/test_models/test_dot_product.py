"""Keys that are compared by their dot product: memory banks and correspondence losses do so alike.

Between keys u of length 1 half the negative squared distance is the dot product, up to a constant that the softmax
cancels. So the keys u are read by their distance as the keys sqrt(2) * u are by their dot product, and only by it.
"""
import math
from dataclasses import replace

import pytest
import torch
import torch.nn.functional as F

from vosreg.models.correspondence import PixelCorrespondence
from vosreg.models.encoders import KeyEncoder
from vosreg.models.memory_banks import ClipMemory, LongTermMemory, StreamMemory
from vosreg.ops import similarity
from vosreg.structures import ClipViews, FeatureSpec, FrameFeatures, VOSDataSample


def by_distance(number, selection=False):
    key = 3 * F.normalize(torch.randn(number, 8, 6, 7), dim=1)
    selected = torch.rand(number, 8, 6, 7) if selection else None
    return FrameFeatures(key=key, context=None, pyramid={}, selection=selected)


def by_dot_product(features):
    return replace(features, key=math.sqrt(2) * features.key, dot_product=True)


def test_similarity():
    memory, query, selection = torch.randn(2, 8, 5), torch.randn(2, 8, 4), torch.rand(2, 8, 4)
    shrinkage = torch.rand(2, 1, 5)
    expected = query.transpose(1, 2) @ memory / math.sqrt(8)
    torch.testing.assert_close(similarity(memory, query, dot_product=True), expected)
    expected = (query * selection).transpose(1, 2) @ (memory * shrinkage) / math.sqrt(8)
    torch.testing.assert_close(similarity(memory, query, shrinkage, selection, dot_product=True), expected)


@pytest.mark.parametrize('make_memory', [
    ClipMemory, lambda: StreamMemory(top_k=20), lambda: LongTermMemory(top_k=20)])
def test_reading(make_memory):
    torch.manual_seed(0)
    frames, query, values = [by_distance(1) for _ in range(3)], by_distance(1), torch.randn(3, 1, 2, 5, 6, 7)

    def read(change):
        memory = make_memory()
        for index, (features, value) in enumerate(zip(frames, values)):
            memory.write(change(features), value, index)
        return memory.read(change(query))

    expected = read(lambda features: features)
    torch.testing.assert_close(read(by_dot_product), expected)
    longer_keys = read(lambda features: replace(features, key=math.sqrt(2) * features.key))
    assert (longer_keys - expected).abs().mean() > 0.1


@pytest.mark.parametrize('ignore_uncovered', [True, False])
def test_pixel_correspondence(ignore_uncovered):
    torch.manual_seed(0)
    matrices = torch.tensor([[-1., 0, 0], [0, 1, 0]]).expand(2, 3, 2, 3)
    parts = by_distance(6), by_distance(2), by_distance(4)
    loss = PixelCorrespondence(FeatureSpec(8, 8, 6, {}), ignore_uncovered=ignore_uncovered)

    def compute(change):
        samples = [VOSDataSample(metainfo=dict(video=name)) for name in 'ab']
        return loss(ClipViews(*map(change, parts), matrices), samples, iteration=0)

    expected = compute(lambda features: features)
    torch.testing.assert_close(compute(by_dot_product), expected)
    longer_keys = compute(lambda features: replace(features, key=math.sqrt(2) * features.key))
    assert not any(torch.isclose(longer_keys[name], expected[name], rtol=1e-3) for name in expected)


def test_key_encoder_says_so():
    backbone = dict(type='TIMMBackbone', model_name='resnet18')
    features = KeyEncoder(backbone, key_channels=8, context_channels=None, dot_product=True)(torch.rand(3, 3, 32, 48))
    assert features.dot_product and features.select([0, 2]).dot_product
    assert features.select([0, 2]).key.shape == (2, 8, 2, 3)
