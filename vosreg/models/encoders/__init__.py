from .key_encoder import KeyEncoder
from .light_value_encoder import LightValueEncoder
from .pyramid_fusion import PyramidFusion
from .value_encoder import ValueEncoder

__all__ = ['KeyEncoder', 'LightValueEncoder', 'PyramidFusion', 'ValueEncoder']
