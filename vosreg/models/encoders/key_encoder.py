"""From an image to what is matched."""
from typing import Optional

from mmengine.model import BaseModule
from torch import Tensor, nn

from vosreg.registry import MODELS
from vosreg.structures import FeatureSpec, FrameFeatures


@MODELS.register_module()
class KeyEncoder(BaseModule):
    """Backbone, optional fusion of its pyramid, key projection and context.

    STCN (Cheng et al., NeurIPS 2021) projects the stride-16 map of a ResNet-50; small models match on a finer map
    into which the pyramid is fused. XMem (Cheng and Schwing, ECCV 2022) also projects what makes the distance
    anisotropic: a shrinkage at least 1 and a selection in (0, 1).

    Args:
        backbone: Config of a backbone that returns stride -> map, such as :class:`TIMMBackbone`.
        key_channels: Channels Ck of the key.
        context_channels: Channels Cc of a 3x3 convolution that makes the context (STCN's ``key_comp``); None takes the
            map itself as the context.
        stride: Stride of the key.
        fusion: Config of a module pyramid -> map at the key's stride, such as :class:`PyramidFusion`; None takes the
            backbone's map of that stride.
        anisotropic: Project shrinkage and selection too.
        dot_product: Keys are to be compared by their dot product, as in STM, not by their squared distance.

    Raises:
        ValueError: The backbone has no map of the key's stride.
    """

    def __init__(self,
                 backbone: dict,
                 key_channels: int = 64,
                 context_channels: Optional[int] = 512,
                 stride: int = 16,
                 fusion: Optional[dict] = None,
                 anisotropic: bool = False,
                 dot_product: bool = False) -> None:
        super().__init__()
        self.backbone = MODELS.build(backbone)
        if stride not in self.backbone.channels:
            raise ValueError(f"the backbone has no map of the key's stride {stride}, only "
                             f'{list(self.backbone.channels)}; set its strides')
        if fusion is None:
            self.fusion, channels = None, self.backbone.channels[stride]
        else:
            self.fusion = MODELS.build(dict(fusion, in_channels=self.backbone.channels, stride=stride))
            channels = self.fusion.out_channels
        self.key_projection = nn.Conv2d(channels, key_channels, 3, padding=1)
        self.context = nn.Identity() if context_channels is None else nn.Conv2d(
            channels, context_channels, 3, padding=1)
        self.shrinkage_projection = nn.Conv2d(channels, 1, 3, padding=1) if anisotropic else None
        self.selection_projection = nn.Conv2d(channels, key_channels, 3, padding=1) if anisotropic else None
        self.dot_product = dot_product
        self.spec = FeatureSpec(stride, key_channels, context_channels or channels, self.backbone.channels)
        nn.init.orthogonal_(self.key_projection.weight)
        nn.init.zeros_(self.key_projection.bias)
        if anisotropic:
            # Matching begins close to the plain distance, however large the features of the backbone are.
            for projection in (self.shrinkage_projection, self.selection_projection):
                nn.init.normal_(projection.weight, std=1e-3)
                nn.init.zeros_(projection.bias)

    def forward(self, image: Tensor) -> FrameFeatures:
        """Encode images.

        Args:
            image: Normalised RGB [B, 3, H, W]; H and W are multiples of the coarsest stride.

        Returns:
            Features with the key [B, Ck, H/stride, W/stride].
        """
        pyramid = self.backbone(image)
        base = pyramid[self.spec.stride] if self.fusion is None else self.fusion(pyramid)
        features = FrameFeatures(
            key=self.key_projection(base), context=self.context(base), pyramid=pyramid, dot_product=self.dot_product)
        if self.shrinkage_projection is not None:
            features.shrinkage = self.shrinkage_projection(base).square() + 1
            features.selection = self.selection_projection(base).sigmoid()
        return features
