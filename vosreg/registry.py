"""The registries of vosreg: children of MMEngine's roots under the scope ``vosreg``.

``locations`` name the packages whose import registers the parts, so a config builds by name and no user code has to
import anything. A part from another scope is written with its scope, for example ``mmseg.DiceLoss``.
"""
import difflib
from contextlib import contextmanager
from typing import Iterator, List, Optional, Type

import mmengine.registry as mmengine_registry

SCOPE = 'vosreg'


class Registry(mmengine_registry.Registry):
    """MMEngine's registry, whose answer to an unknown name is the names near it."""

    def get(self, key: str) -> Optional[Type]:
        """The part registered under ``key``.

        Raises:
            KeyError: Neither this registry, nor its parents, nor the scope in ``key`` has such a part.
        """
        found = super().get(key)
        if found is None:
            raise KeyError(f'no {self.name} is registered as {key}; {self._hint(key)} (custom_imports in the config '
                           'registers modules of your own)')
        return found

    def class_of(self, config: dict) -> Type:
        """The part that a config is of, by the name in its ``type`` or, in a pure-Python config, the class there."""
        part = config['type']
        return self.get(part) if isinstance(part, str) else part

    @contextmanager
    def switch_scope_and_registry(self, scope: Optional[str]) -> Iterator[mmengine_registry.Registry]:
        """As in MMEngine, but a part of vosreg that builds another one finds it in runs of other packages too.

        There, the default scope is that package's, whose registry knows nothing of vosreg.
        """
        default_scope = mmengine_registry.DefaultScope.get_current_instance()
        if scope is None and default_scope is not None and self._search_child(default_scope.scope_name) is None:
            scope = self.scope
        with super().switch_scope_and_registry(scope) as registry:
            yield registry

    def __contains__(self, key: str) -> bool:
        return super().get(key) is not None

    def _hint(self, key: str) -> str:
        names = self._known_names(self.split_scope_key(key)[0])
        by_lower_case = {name.lower(): name for name in names}
        near = difflib.get_close_matches(key.lower(), by_lower_case, n=3, cutoff=0.6)
        if near:
            return 'did you mean ' + ', '.join(by_lower_case[name] for name in near) + '?'
        return 'known are ' + (', '.join(sorted(names)) or 'none')

    def _known_names(self, scope: Optional[str]) -> List[str]:
        if scope in self.root.children and scope != self.scope:
            return [f'{scope}.{name}' for name in self.root.children[scope].module_dict]
        names: List[str] = []
        registry: Optional[mmengine_registry.Registry] = self
        while registry is not None:
            names.extend(registry.module_dict)
            registry = registry.parent
        return names


def _child(root: mmengine_registry.Registry, *locations: str) -> Registry:
    return Registry(root.name, parent=root, scope=SCOPE, locations=list(locations))


# Networks and everything inside them: backbones, encoders, heads, losses, segmentors, data preprocessors. The
# checkpoints are here because a part's init_cfg loads one.
MODELS = _child(mmengine_registry.MODELS, 'vosreg.models', 'vosreg.engine.checkpoints')
# What a network remembers of the past frames; a root of its own, since MMEngine knows no such thing.
MEMORY_BANKS = Registry('memory bank', scope=SCOPE, locations=['vosreg.models.memory_banks'])

DATASETS = _child(mmengine_registry.DATASETS, 'vosreg.datasets')
TRANSFORMS = _child(mmengine_registry.TRANSFORMS, 'vosreg.datasets.transforms')
DATA_SAMPLERS = _child(mmengine_registry.DATA_SAMPLERS, 'vosreg.datasets.samplers')

METRICS = _child(mmengine_registry.METRICS, 'vosreg.evaluation.metrics')
HOOKS = _child(mmengine_registry.HOOKS, 'vosreg.engine')
OPTIM_WRAPPERS = _child(mmengine_registry.OPTIM_WRAPPERS, 'vosreg.engine')
VISUALIZERS = _child(mmengine_registry.VISUALIZERS, 'vosreg.visualization')
# For parts that are none of the above: what finds objects without labels.
TASK_UTILS = _child(mmengine_registry.TASK_UTILS, 'vosreg.datasets.discovery')
# What turns a model into a result for its user.
INFERENCERS = _child(mmengine_registry.INFERENCERS, 'vosreg.apis')

# Roots to which vosreg adds nothing of its own. Their children make near names work there too, and MMEngine warns at
# every build from a root that has no child of the default scope.
for _root in ('RUNNERS', 'LOOPS', 'OPTIMIZERS', 'OPTIM_WRAPPER_CONSTRUCTORS', 'PARAM_SCHEDULERS', 'EVALUATOR',
              'VISBACKENDS', 'LOG_PROCESSORS', 'WEIGHT_INITIALIZERS', 'MODEL_WRAPPERS', 'FUNCTIONS'):
    _child(getattr(mmengine_registry, _root), 'vosreg')
