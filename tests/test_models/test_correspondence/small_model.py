"""A model and clips so small that a training step takes a fraction of a second."""
import torch
from golden import REPOSITORY
from mmengine.config import Config, ConfigDict

from vosreg.registry import MODELS
from vosreg.structures import VOSDataSample


def small_config(**changes) -> ConfigDict:
    config = Config.fromfile(REPOSITORY / 'configs/_base_/models/stcn_efficientnet_lite0.py').model
    config.key_encoder.backbone.init_cfg = None
    config.key_encoder.update(fusion=dict(type='PyramidFusion', out_channels=16), key_channels=8)
    config.value_encoder.update(value_channels=8, num_blocks=1)
    config.head.channels = (8, 8)
    config.losses[0].update(start=0, end=1, final_share=1)
    config.update(changes)
    return config


def build(**changes) -> torch.nn.Module:
    """The same initial weights at every call."""
    torch.manual_seed(0)
    return MODELS.build(small_config(**changes))


def clips(number: int = 2, num_frames: int = 3, height: int = 48, width: int = 64) -> dict:
    """A batch as the data loader collates it: noise, with an object in it."""
    generator = torch.Generator().manual_seed(0)
    inputs, samples = [], []
    for index in range(number):
        inputs.append(torch.randint(0, 256, (num_frames, 3, height, width), generator=generator, dtype=torch.uint8))
        masks = torch.zeros(num_frames, height, width, dtype=torch.uint8)
        masks[:, 10:40, 20 + 5 * index:60] = 1
        samples.append(VOSDataSample(masks=masks, metainfo=dict(video=f'video{index}', num_objects=1)))
    return dict(inputs=inputs, data_samples=samples)
