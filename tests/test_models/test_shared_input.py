"""What objects share is convolved once, with the result of the concatenation."""
import pytest
import torch

from vosreg.models.layers import AttentionFuser, ResidualFuser


@pytest.mark.parametrize('fuser_type', [ResidualFuser, AttentionFuser])
@pytest.mark.parametrize('out_channels', [6, 9])
@pytest.mark.parametrize('start', [0, 2, 5])
def test_shared_maps(fuser_type, out_channels, start):
    """Two images with three objects each; 4 of 9 channels are the image's."""
    torch.manual_seed(0)
    fuser = fuser_type(9, out_channels) if fuser_type is ResidualFuser else fuser_type(9, 16 * out_channels)
    image, objects = torch.randn(2, 4, 5, 7, requires_grad=True), torch.randn(6, 5, 5, 7)
    before, after = objects[:, :start], objects[:, start:]
    expected = fuser(before, image.repeat_interleave(3, dim=0), after)
    inputs = [maps for maps in (before, after) if maps.shape[1]]
    result = fuser(*inputs, shared=fuser.share(image, start))
    torch.testing.assert_close(result, expected, rtol=1e-4, atol=1e-5)
    for actual, wanted in zip(*(torch.autograd.grad(maps.square().sum(), [image, *fuser.parameters()])
                                for maps in (result, expected))):
        torch.testing.assert_close(actual, wanted, rtol=1e-3, atol=1e-3)
