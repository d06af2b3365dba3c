"""Regions at key resolution and their descriptors."""
import torch

from vosreg.models.correspondence.regions import _stack, find_regions, location_shares
from vosreg.structures import VOSDataSample


def sample(video='video', **masks):
    return VOSDataSample(metainfo=dict(video=video), **masks)


def test_shares_are_means_over_the_pixels_of_a_location():
    masks = torch.randint(0, 4, (3, 24, 40), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    shares = location_shares(masks, (3, 5))
    assert shares.shape == (3, 3, 15)
    for number in (1, 2, 3):
        expected = torch.nn.functional.avg_pool2d((masks == number).float()[:, None], 8).flatten(1)
        torch.testing.assert_close(shares[:, number - 1], expected)


def test_shares_of_a_size_that_does_not_divide():
    masks = torch.ones(1, 10, 7, dtype=torch.uint8)
    assert torch.equal(location_shares(masks, (4, 3)), torch.ones(1, 1, 12))


def test_a_descriptor_is_the_scaled_mean():
    keys = torch.randn(1, 2, 5, 2, 2, generator=torch.Generator().manual_seed(0))
    masks = torch.zeros(2, 8, 8, dtype=torch.uint8)
    masks[1, :4, :6] = 3
    regions = find_regions(keys, [sample(masks=masks)], ['masks'])
    mean = (keys[0, 1, :, 0, 0] + 0.5 * keys[0, 1, :, 0, 1]) / 1.5
    torch.testing.assert_close(regions.descriptors, (mean / mean.norm())[None])
    assert (regions.clip.tolist(), regions.frame.tolist(), regions.number.tolist()) == ([0], [1], [3])
    assert regions.discovered.tolist() == [False]


def test_what_holds_less_than_half_of_every_location_is_left_out():
    masks = torch.zeros(1, 16, 16, dtype=torch.uint8)
    masks[0, :8, :3] = 1
    masks[0, 8:, :4] = 2
    masks[0, 4:12, 12:] = 3
    regions = find_regions(torch.ones(1, 1, 4, 2, 2), [sample(masks=masks)], ['masks'])
    assert regions.number.tolist() == [2]


def test_sources_clips_and_frames_keep_their_order():
    keys = torch.randn(3, 2, 4, 2, 2, generator=torch.Generator().manual_seed(0))
    masks = torch.ones(2, 8, 8, dtype=torch.uint8)
    proposals = torch.full((2, 8, 8), 2, dtype=torch.uint8)
    proposals[:, :, :4] = 1
    batch = [sample('a', masks=masks), sample('b', proposals=proposals), sample('a', masks=masks * 0)]
    regions = find_regions(keys, batch, ['masks', 'proposals'])
    assert regions.clip.tolist() == [0, 0, 1, 1, 1, 1]
    assert regions.frame.tolist() == [0, 1, 0, 0, 1, 1]
    assert regions.number.tolist() == [1, 1, 1, 2, 1, 2]
    assert regions.discovered.tolist() == [False, False, True, True, True, True]
    assert len(set(regions.video.tolist())) == 2
    assert len(find_regions(keys, batch, ['masks'])) == 2
    assert len(find_regions(keys, batch[2:] * 3, ['proposals'])) == 0


def test_regions_lie_where_the_keys_do():
    keys = torch.zeros(2, 3, 4, 2, 2, device='meta')
    with_nothing = _stack([sample(), sample()], 'proposals', keys.new_zeros(3, 2, 2, dtype=torch.uint8))
    assert with_nothing.device.type == 'meta' and with_nothing.shape == (6, 2, 2)


def test_a_batch_in_which_no_clip_has_a_source():
    keys = torch.randn(2, 2, 4, 2, 2, generator=torch.Generator().manual_seed(0))
    batch = [sample(masks=torch.ones(2, 8, 8, dtype=torch.uint8)) for _ in range(2)]
    # What is made without saying where would be on the device without data, as it would be on the CPU beside a GPU.
    with torch.device('meta'):
        regions = find_regions(keys, batch, ['masks', 'proposals'])
    assert len(regions) == 4 and not regions.discovered.any() and regions.descriptors.device.type == 'cpu'
