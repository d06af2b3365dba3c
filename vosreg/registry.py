"""The registries of vosreg: children of MMEngine's roots under the scope ``vosreg``.

``locations`` name the packages whose import registers the parts, so a config builds by name and no user code has to
import anything. A part from another scope is written with its scope, for example ``mmseg.DiceLoss``.
"""
from mmengine.registry import DATA_SAMPLERS as MMENGINE_DATA_SAMPLERS
from mmengine.registry import DATASETS as MMENGINE_DATASETS
from mmengine.registry import HOOKS as MMENGINE_HOOKS
from mmengine.registry import METRICS as MMENGINE_METRICS
from mmengine.registry import MODELS as MMENGINE_MODELS
from mmengine.registry import OPTIM_WRAPPERS as MMENGINE_OPTIM_WRAPPERS
from mmengine.registry import TRANSFORMS as MMENGINE_TRANSFORMS
from mmengine.registry import VISUALIZERS as MMENGINE_VISUALIZERS
from mmengine.registry import Registry

SCOPE = 'vosreg'

# Networks and everything inside them: backbones, encoders, heads, losses, segmentors, data preprocessors.
MODELS = Registry('model', parent=MMENGINE_MODELS, scope=SCOPE, locations=['vosreg.models'])
# What a network remembers of the past frames; a root of its own, since MMEngine knows no such thing.
MEMORY_BANKS = Registry('memory bank', scope=SCOPE, locations=['vosreg.models.memory_banks'])

DATASETS = Registry('dataset', parent=MMENGINE_DATASETS, scope=SCOPE, locations=['vosreg.datasets'])
TRANSFORMS = Registry('transform', parent=MMENGINE_TRANSFORMS, scope=SCOPE, locations=['vosreg.datasets.transforms'])
DATA_SAMPLERS = Registry(
    'data sampler', parent=MMENGINE_DATA_SAMPLERS, scope=SCOPE, locations=['vosreg.datasets.samplers'])

METRICS = Registry('metric', parent=MMENGINE_METRICS, scope=SCOPE, locations=['vosreg.evaluation'])
HOOKS = Registry('hook', parent=MMENGINE_HOOKS, scope=SCOPE, locations=['vosreg.engine'])
OPTIM_WRAPPERS = Registry('optim wrapper', parent=MMENGINE_OPTIM_WRAPPERS, scope=SCOPE, locations=['vosreg.engine'])
VISUALIZERS = Registry('visualizer', parent=MMENGINE_VISUALIZERS, scope=SCOPE, locations=['vosreg.visualization'])
