from .scene import SceneRecipe, SyntheticScene, build_scene
from .synthetic_vos import SyntheticVOS

__all__ = ['SceneRecipe', 'SyntheticScene', 'SyntheticVOS', 'build_scene']
