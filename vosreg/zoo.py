"""The model zoo: which models there are, how good they are, and where their weights lie.

``model-index.yml`` and the metafiles that it imports are all there is to it; they come with the package.
"""
import difflib
import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Dict, List, Optional, Union

from mmengine.fileio import load

from .packaged import packaged_path

# The compact model whose weights come with the package.
DEFAULT_MODEL = 'stcn_efficientnet-lite0_synthetic-6frames-shadows_pixel-object'
# Before the name of a model it is that of a checkpoint, also in a config's ``load_from``.
ZOO_PREFIX = 'zoo://'


@dataclass(frozen=True)
class ModelResult:
    """How good a model is on a data set, and who says so.

    Attributes:
        task: For example ``Semi-supervised video object segmentation``.
        dataset: For example ``DAVIS 2017 val``.
        metrics: Metrics by name, in percent.
        command: What measured it here; None if it was not.
        reported_by: Who published it; None if it was measured here.
    """
    task: str
    dataset: str
    metrics: Dict[str, float]
    command: Optional[str] = None
    reported_by: Optional[str] = None


@dataclass(frozen=True)
class ModelEntry:
    """A model of the zoo.

    Attributes:
        name: Its name, which is that of its config.
        collection: The method that it belongs to.
        config: Path of its config.
        weights: Path or URL of its checkpoint, whose name ends in the first 8 digits of the hash; None if there is none
            and the model is there for its config and its results.
        sha256: Hash of the checkpoint.
        metadata: What else is known, such as ``Parameters (M)`` and ``Training Data``.
        results: How good it is.
    """
    name: str
    collection: str
    config: Path
    weights: Optional[Union[Path, str]] = None
    sha256: Optional[str] = None
    metadata: Dict[str, Union[str, float, list]] = field(default_factory=dict)
    results: List[ModelResult] = field(default_factory=list)

    def checkpoint(self) -> Path:
        """The checkpoint as a file with the right hash; a URL is downloaded, once, see :func:`~vosreg.downloads.fetch`.

        Raises:
            ValueError: The model has no weights, or the file does not have the hash of the metafile.
            FileNotFoundError: The file is not there.
        """
        if self.weights is None:
            raise ValueError(f'the zoo has no weights of {self.name}, only its config {self.config} and its results')
        path = self.weights
        if not isinstance(path, Path):
            from .downloads import fetch  # It imports PyTorch, which takes seconds: a list of the models needs none.

            path = fetch(self.weights)
        if not path.is_file():
            raise FileNotFoundError(f'the weights of {self.name} are not at {path}; install vosreg again')
        sha256 = file_sha256(path)
        if sha256 != self.sha256:
            raise ValueError(f'{path} is damaged or not the checkpoint of {self.name}: its SHA-256 begins with '
                             f'{sha256[:8]} instead of {self.sha256[:8]}; delete it and fetch it again')
        return path


@dataclass(frozen=True)
class Collection:
    """A method.

    Attributes:
        name: For example ``STCN``.
        paper: Title of its paper; None if it has none.
        paper_url: Where the paper is.
        code_url: Where its official code is; None if there is none.
        models: Its models, in the order of the metafile.
    """
    name: str
    paper: Optional[str]
    paper_url: Optional[str]
    code_url: Optional[str]
    models: List[ModelEntry]


def list_models(index: Optional[Path] = None) -> List[ModelEntry]:
    """All models of the zoo, also those without weights.

    Args:
        index: A ``model-index.yml``; by default the one that comes with vosreg.
    """
    return [model for collection in list_collections(index) for model in collection.models]


def find_model(name: str = DEFAULT_MODEL, index: Optional[Path] = None) -> ModelEntry:
    """The model of a name.

    Args:
        name: For example ``stcn_resnet50_davis2017``; ``zoo://`` may stand before it.
        index: A ``model-index.yml``; by default the one that comes with vosreg.

    Raises:
        ValueError: There is none of that name; the message tells the near ones.
    """
    models = {model.name: model for model in list_models(index)}
    name = name.removeprefix(ZOO_PREFIX)
    if name in models:
        return models[name]
    near = difflib.get_close_matches(name, models, n=3, cutoff=0.5)
    hint = f'did you mean {" or ".join(near)}?' if near else f'it has {", ".join(models) or "none yet"}'
    raise ValueError(f'the zoo has no model {name!r}; {hint}')


def list_collections(index: Optional[Path] = None) -> List[Collection]:
    """The methods of the zoo with their models.

    Args:
        index: A ``model-index.yml``; by default the one that comes with vosreg.
    """
    # An editable installation links to the repository, where all paths of the metafiles are.
    root = Path(index or packaged_path('model-index.yml')).resolve()
    collections = []
    for metafile in load(root)['Import']:
        content = load(root.parent / metafile)
        models = [_read_model(model, root.parent) for model in content.get('Models', [])]
        for collection in content['Collections']:
            paper = collection.get('Paper', {})
            collections.append(
                Collection(collection['Name'], paper.get('Title'), paper.get('URL'), collection.get('Code'),
                           [model for model in models if model.collection == collection['Name']]))
    return collections


def file_sha256(path: Path) -> str:
    """The SHA-256 of a file, 64 hexadecimal digits."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _read_model(model: dict, root: Path) -> ModelEntry:
    weights = model.get('Weights')
    if weights and not weights.startswith('https://'):
        weights = root / weights
    results = [
        ModelResult(result['Task'], result['Dataset'], result['Metrics'], result.get('Measured here'),
                    result.get('Reported by')) for result in model.get('Results', [])
    ]
    return ModelEntry(model['Name'], model['In Collection'], root / model['Config'], weights, model.get('SHA256'),
                      model.get('Metadata', {}), results)
