"""The regions of a batch of clips, annotated and discovered, and a descriptor for each.

Letters: B clips, T frames, C channels, h x w map, P = h * w locations, N regions of an image, R regions of the batch.
"""
import zlib
from dataclasses import dataclass, fields
from typing import Sequence

import torch
import torch.nn.functional as F
from mmengine.dist import get_rank, get_world_size
from torch import Tensor

from vosreg.structures import VOSDataSample


@dataclass
class Regions:
    """R regions of the clips of this process.

    Attributes:
        descriptors: Mean feature of each, scaled to length 1, float32 [R, C].
        clip: The clip's place in the batch of all processes, int64 [R].
        video: A code of the clip's video, int64 [R].
        frame: The frame of the clip, int64 [R].
        number: The number in the index mask, int64 [R]; only that of an annotated object means the same in all frames.
        discovered: Discovered, not annotated, bool [R].
    """
    descriptors: Tensor
    clip: Tensor
    video: Tensor
    frame: Tensor
    number: Tensor
    discovered: Tensor

    def __len__(self) -> int:
        return len(self.clip)


def find_regions(keys: Tensor, data_samples: Sequence[VOSDataSample], sources: Sequence[str]) -> Regions:
    """Describe the regions of a batch by their mean features.

    The mean weighs each location with the share of it that the region holds; it is then scaled to length 1, so that
    the product of two descriptors is their cosine similarity. A region that holds less than half of every location is
    too small and is left out.

    Args:
        keys: Features, float32 [B, T, C, h, w].
        data_samples: One for each clip.
        sources: The data samples' fields with index masks, uint8 [T, H, W]: ``masks`` (annotated), ``proposals``
            (discovered) or both. A clip may lack a field.

    Returns:
        The regions, ordered by source, clip, frame and number.
    """
    num_frames, size = keys.shape[1], keys.shape[-2:]
    locations = keys.flatten(0, 1).flatten(2).transpose(1, 2)
    videos = torch.tensor([zlib.crc32(sample.get('video', '').encode()) for sample in data_samples], device=keys.device)
    nothing = keys.new_zeros(num_frames, *size, dtype=torch.uint8)
    parts = []
    for source in sources:
        shares = location_shares(_stack(data_samples, source, nothing), size)
        image, column = (shares.amax(2) >= 0.5).nonzero(as_tuple=True)
        clip = image // num_frames
        parts.append(
            Regions(
                descriptors=F.normalize((shares @ locations)[image, column], dim=1),
                clip=clip * get_world_size() + get_rank(),
                video=videos[clip],
                frame=image % num_frames,
                number=column + 1,
                discovered=torch.full_like(clip, source == 'proposals', dtype=torch.bool)))
    return Regions(*(torch.cat([getattr(part, field.name) for part in parts]) for field in fields(Regions)))


def location_shares(masks: Tensor, size: Sequence[int]) -> Tensor:
    """How much of each location of a smaller map each region of an image holds: index masks, downsampled by area.

    Args:
        masks: Index masks, uint8 [I, H, W].
        size: (h, w); a pixel belongs to the location in which its centre lies.

    Returns:
        Shares of 0 to 1 for the numbers 1..N, the highest there is, float32 [I, N, P].
    """
    (num_images, height, width), num_locations = masks.shape, size[0] * size[1]
    rows = torch.arange(height, device=masks.device) * size[0] // height
    columns = torch.arange(width, device=masks.device) * size[1] // width
    location = rows[:, None] * size[1] + columns
    num_regions = int(masks.max()) + 1
    image = torch.arange(num_images, device=masks.device)[:, None, None]
    bins = (image * num_regions + masks.long()) * num_locations + location
    pixels = bins.flatten().bincount(minlength=num_images * num_regions * num_locations)
    pixels = pixels.view(num_images, num_regions, num_locations)
    return pixels[:, 1:] / location.flatten().bincount(minlength=num_locations).clamp(min=1)


def _stack(data_samples: Sequence[VOSDataSample], source: str, nothing: Tensor) -> Tensor:
    """The index masks of all clips, [B * T, H, W], of no region where a clip has none.

    Args:
        data_samples: One for each clip.
        source: The field with the index masks [T, H, W].
        nothing: Masks of no region, [T, h, w], for a batch in which no clip has the field.

    Returns:
        [B * T, H, W].
    """
    masks = [sample.get(source) for sample in data_samples]
    empty = torch.zeros_like(next((mask for mask in masks if mask is not None), nothing))
    return torch.cat([empty if mask is None else mask for mask in masks])
