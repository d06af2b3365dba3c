"""Training clips that several runs share: made once, by whichever run comes first, and read by the others."""
import fcntl
import hashlib
import pickle
from pathlib import Path

from mmengine.config import Config
from studies import discover_objects

from vosreg.datasets.video_dataset import ClipIndex
from vosreg.fileio import atomic_path
from vosreg.registry import DATASETS


@DATASETS.register_module()
class CachedClips:
    """A data set of clips that keeps each in a file, since rendering takes longer than a training step on a GPU.

    A clip of 192 pixels takes half a megabyte.

    Args:
        dataset: Config of the data set.
        folder: Where to keep the clips; data sets that differ in anything have sub-folders of their own.
        lazy_init: List the videos later.
    """
    test_mode = False

    def __init__(self, dataset: dict, folder: str, lazy_init: bool = False) -> None:
        digest = hashlib.sha256(Config(dict(dataset=dataset)).pretty_text.encode()).hexdigest()[:16]
        self.folder = Path(folder) / digest
        self.folder.mkdir(parents=True, exist_ok=True)
        self.dataset = DATASETS.build(dict(dataset, lazy_init=lazy_init))

    def full_init(self) -> None:
        """List the videos."""
        self.dataset.full_init()

    @property
    def num_videos(self) -> int:
        """Number of videos."""
        return self.dataset.num_videos

    def __len__(self) -> int:
        return len(self.dataset)

    def __getitem__(self, index: ClipIndex) -> dict:
        """The clip of a draw."""
        path = self.folder / f'{index.draw}.pkl'
        if not path.exists():
            # Runs of one seed ask for the same clips at the same time: one makes it, the others wait.
            with path.with_suffix('.lock').open('w') as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                if not path.exists():
                    with atomic_path(path) as temporary:
                        temporary.write_bytes(pickle.dumps(self.dataset[index]))
        return pickle.loads(path.read_bytes())


def use_cache(config: Config, folder: Path) -> None:
    """Let a run take its clips from a cache, with discovered objects whether it needs them or not.

    The parts of a mix are kept one by one, because several mixes share the unlabelled clips of a seed.
    """
    discover_objects(config)
    dataset = config.train_dataloader.dataset
    parts = [dict(type='CachedClips', dataset=part, folder=str(folder)) for part in dataset.get('datasets', [dataset])]
    if 'datasets' in dataset:
        dataset.datasets = parts
    else:
        config.train_dataloader.dataset = parts[0]
