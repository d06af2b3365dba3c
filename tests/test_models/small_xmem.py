"""An XMem and clips so small that a training step takes a fraction of a second."""
import torch
from golden import REPOSITORY
from mmengine.config import Config, ConfigDict

from vosreg.registry import MODELS
from vosreg.structures import VOSDataSample


def xmem_config(config: str = '_base_/models/xmem_efficientnet_lite0.py', **changes) -> ConfigDict:
    """The model of a config of a small XMem, made smaller; changes with a type replace a part, others change it."""
    model = Config.fromfile(REPOSITORY / 'configs' / config).model
    model.key_encoder.backbone.init_cfg = None
    model.key_encoder.update(fusion=dict(type='PyramidFusion', out_channels=16), key_channels=8)
    model.value_encoder.update(value_channels=8, num_blocks=1)
    model.head.channels = (8, 8)
    model.sensory_channels = 4
    for name, change in changes.items():
        if isinstance(change, dict) and 'type' in change:
            model.pop(name)
        model.update({name: change})
    return model


def build_xmem(*args, **changes) -> torch.nn.Module:
    """The same initial weights at every call."""
    torch.manual_seed(0)
    return MODELS.build(xmem_config(*args, **changes))


def moving_squares(counts=(2, 1), num_frames=5, height=48, width=64) -> dict:
    """A batch as the data loader collates it: squares that move to the right over noise."""
    generator = torch.Generator().manual_seed(0)
    inputs, samples = [], []
    for index, count in enumerate(counts):
        frames = torch.randint(0, 256, (num_frames, 3, height, width), generator=generator, dtype=torch.uint8)
        masks = torch.zeros(num_frames, height, width, dtype=torch.uint8)
        for t in range(num_frames):
            for i in range(count):
                place = t, slice(3 + 14 * i, 15 + 14 * i), slice(5 + 3 * t, 25 + 3 * t)
                masks[place] = i + 1
                frames[t][:, place[1], place[2]] = torch.tensor([200, 90 * i, 30], dtype=torch.uint8).view(3, 1, 1)
        inputs.append(frames)
        samples.append(VOSDataSample(masks=masks, metainfo=dict(video=f'video{index}', num_objects=count)))
    return dict(inputs=inputs, data_samples=samples)
