"""What is compared: studies, and the arms of a study.

A study asks one question in one regime (data, network, schedule). Its arms differ in nothing but the correspondence
losses: same recipe, same weights at the start, same batches.
"""
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Callable, Dict, List, Optional, Sequence

from mmengine.config import Config

from vosreg.engine import load_config

BASE = 'stcn/stcn_efficientnet-lite0_synthetic.py'
ITERATIONS = 600  # Of BASE; a longer schedule is this one, stretched.
DISCOVER_OBJECTS = dict(
    type='DiscoverObjects', discoverer=dict(type='HierarchicalGrouping', scale=200, max_side=96))
LOSSES = dict(pixel='PixelCorrespondence', object='ObjectCorrespondence')

# The correspondence losses of an arm and their settings, where these are not the defaults of the small configs.
ARMS: Dict[str, Dict[str, dict]] = {
    'none': dict(),
    'pixel': dict(pixel=dict()),
    'object': dict(object=dict()),
    'both': dict(pixel=dict(), object=dict()),
    'pixel-weight-x0.25': dict(pixel=dict(temporal_weight=0.05, cross_view_weight=0.01)),
    'pixel-weight-x4': dict(pixel=dict(temporal_weight=0.8, cross_view_weight=0.16)),
    'pixel-no-cross-view': dict(pixel=dict(cross_view_weight=0.0)),
    'pixel-projection': dict(pixel=dict(projection_channels=64)),
    'object-weight-x0.25': dict(object=dict(weight=0.025)),
    'object-weight-x4': dict(object=dict(weight=0.4)),
    'object-annotated': dict(object=dict(discovered=False)),
    'object-discovered': dict(object=dict(annotated=False)),
    'object-own-negatives': dict(object=dict(batch_negatives=False)),
    'object-projection': dict(object=dict(projection_channels=64)),
    'both-weight-x4': dict(
        pixel=dict(temporal_weight=0.8, cross_view_weight=0.16), object=dict(weight=0.4)),
    'both-temperature-0.05': dict(pixel=dict(), object=dict(temperature=0.05)),
    'both-temperature-0.2': dict(pixel=dict(), object=dict(temperature=0.2)),
    'both-anchors-4': dict(pixel=dict(anchors=4), object=dict()),
    'both-anchors-16': dict(pixel=dict(anchors=16), object=dict()),
    'both-projection': dict(pixel=dict(projection_channels=64), object=dict(projection_channels=64)),
}
# Each of them once more with the ramp of the full schedules, scaled: no weight at first, all in the last two fifths.
RAMP = dict(type='LinearRamp', start=0.2 * ITERATIONS, end=0.6 * ITERATIONS)
ARMS.update({
    f'{arm}-ramp': {level: dict(settings, schedule=RAMP) for level, settings in losses.items()}
    for arm, losses in list(ARMS.items()) if losses})
COMMON_ARMS = ('none', 'pixel', 'object', 'both')
Change = Callable[[Config, Path], None]


@dataclass(frozen=True)
class Study:
    """A question and the regime in which it is asked.

    Attributes:
        question: One sentence.
        changes: What makes the regime of the base config; each gets the config and the folder of the real clips.
        iterations: Length of the schedule.
        labelled: Number of labelled videos, None for all.
    """
    question: str
    changes: Sequence[Change] = ()
    iterations: int = ITERATIONS
    labelled: Optional[int] = None


def build_config(study: Study, arm: str, seed: int, clips: Path, iterations: Optional[int] = None) -> Config:
    """The config of a run.

    Args:
        study: Where it belongs.
        arm: A name of :data:`ARMS`.
        seed: Seed of the weights, of the scenes, of which of them are labelled, and of the clips.
        clips: Folder of the real clips.
        iterations: Length of the schedule instead of the study's.
    """
    config = load_config(BASE)
    config.optim_wrapper.dtype = 'bfloat16'
    config.model.test_cfg.record_matches = True
    for key in ('val_dataloader', 'val_cfg', 'val_evaluator', 'test_dataloader', 'test_cfg', 'test_evaluator'):
        config[key] = None
    if study.labelled:
        few_labels(config, study.labelled)
    for change in study.changes:
        change(config, clips)
    with_losses(config, **ARMS[arm])
    stretch_schedule(config, iterations or study.iterations)
    with_seed(config, seed)
    return config


def few_labels(config: Config, number: int) -> None:
    """Label ``number`` videos; as many clips again come from all videos, without labels."""
    dataset = config.train_dataloader.dataset
    pipeline = [transform for transform in dataset.pipeline if transform.type != 'SelectObjects']
    after_warp = _position(pipeline, 'WarpClip') + 1
    pipeline.insert(after_warp, dict(type='DropAnnotations'))
    _mix(config, dict(dataset, num_videos=number), [dict(dataset, pipeline=pipeline)])


def unlabelled_folders(config: Config, clips: Path, folders: Sequence[str]) -> None:
    """As many clips as labelled ones come from folders of real frames, without labels.

    Args:
        config: Is changed. Unlabelled videos that it has go.
        clips: Folder of the real clips.
        folders: One a video, below ``clips``.
    """
    labelled = _datasets(config)[0]
    pipeline = [transform for transform in labelled.pipeline if transform.type != 'SelectObjects']
    pipeline[_position(pipeline, 'RenderClip')] = dict(type='LoadClip')
    _mix(config, dict(labelled), [
        dict(type='VideoFolderDataset', frames_root=str(clips / folder), pipeline=pipeline) for folder in folders])


def trained_backbone(config: Config, clips: Path) -> None:
    """Train the backbone too, more slowly than the rest."""
    config.model.key_encoder.backbone.frozen = False
    config.optim_wrapper.paramwise_cfg = dict(custom_keys={'key_encoder.backbone': dict(lr_mult=0.1)})


def key_stride_16(config: Config, clips: Path) -> None:
    """Match on a coarser map."""
    config.model.key_encoder.stride = 16
    config.model.head.channels = (128, 128, 64)


def larger_crops(config: Config, clips: Path) -> None:
    """Train on more pixels."""
    for dataset in _datasets(config):
        dataset.pipeline[_position(dataset.pipeline, 'RandomResizedCrop')].size = 288


def smaller_batch(config: Config, clips: Path) -> None:
    """Train on half as many clips at a time, and so on half as many negatives."""
    config.train_dataloader.batch_size = 2


def with_losses(config: Config, **settings: dict) -> None:
    """Add correspondence losses to the model, and what they need to the pipelines.

    Args:
        config: Is changed.
        **settings: ``pixel``, ``object`` or both, with the arguments of the loss.
    """
    config.model.correspondence = [
        dict(type=LOSSES[level], **arguments) for level, arguments in settings.items()]
    if settings.get('object', {'discovered': False}).get('discovered', True):
        discover_objects(config)


def discover_objects(config: Config) -> None:
    """Let the pipelines discover objects before they change the colours, which draws no random numbers."""
    for dataset in _datasets(config):
        names = [transform['type'] for transform in dataset.pipeline]
        if 'DiscoverObjects' not in names:
            place = names.index('ColorJitter')
            dataset.pipeline = [*dataset.pipeline[:place], DISCOVER_OBJECTS, *dataset.pipeline[place:]]


def stretch_schedule(config: Config, iterations: int) -> None:
    """Make everything that depends on the iteration come proportionally later, or earlier."""
    losses = [*config.model.losses, *(loss.schedule for loss in config.model.correspondence if 'schedule' in loss)]
    for part, keys in [(part, ('start', 'end')) for part in losses] + [(part, ('begin', 'end'))
                                                                       for part in config.param_scheduler]:
        begin, end = (part.get(key) for key in keys)
        if end is not None:
            begin = round(begin * iterations / ITERATIONS)
            # MMEngine's warm-up and the ramps want some length, however short the schedule.
            part.update({keys[0]: begin, keys[1]: max(begin + 2, round(end * iterations / ITERATIONS))})
    config.train_cfg.update(max_iters=iterations, val_interval=iterations)


def with_seed(config: Config, seed: int) -> None:
    """Seed the weights, the scenes and the clips."""
    config.randomness = dict(seed=seed)
    for dataset in [config.train_dataloader.dataset, *_datasets(config)]:
        dataset.seed = seed


def _mix(config: Config, labelled: dict, unlabelled: List[dict]) -> None:
    """Batches of eight: four labelled clips, and four of the unlabelled data sets in turn."""
    shares = [len(range(place, 4, len(unlabelled))) for place in range(len(unlabelled))]
    config.train_dataloader.batch_size = 8
    config.train_dataloader.dataset = dict(
        type='MixedVideoDataset', ratio=(4, *shares), datasets=[labelled, *unlabelled])


def _datasets(config: Config) -> list:
    """The data set of the training clips, or the parts of a mix, labelled first."""
    dataset = config.train_dataloader.dataset
    return dataset.get('datasets', [dataset])


def _position(pipeline: Sequence[dict], name: str) -> int:
    return [transform['type'] for transform in pipeline].index(name)


OWN_FRAMES = partial(unlabelled_folders, folders=[
    'DAVIS/JPEGImages/480p/tennis', 'DAVIS/JPEGImages/480p/bmx-trees', 'DAVIS/JPEGImages/480p/schoolgirls',
    'YouTubeVOS/valid/JPEGImages/caps'])
OTHER_FRAMES = partial(unlabelled_folders, folders=[
    'YouTubeVOS/valid/JPEGImages/1001_3iEIq5HBY1s', 'YouTubeVOS/valid/JPEGImages/1007_YCTBBdbKSSg'])

STUDIES: Dict[str, Study] = {
    'all': Study('Do the losses help when all 4000 videos are labelled?'),
    'few-labels-10': Study('Do they help with 10 labelled videos and the rest unlabelled?', labelled=10),
    'few-labels-30': Study('Do they help with 30 labelled videos and the rest unlabelled?', labelled=30),
    'few-labels-100': Study('Do they help with 100 labelled videos and the rest unlabelled?', labelled=100),
    'other-frames-all': Study(
        'Do unlabelled frames of other real videos help beside 4000 labelled rendered ones?', [OTHER_FRAMES]),
    'other-frames-30': Study(
        'Do unlabelled frames of other real videos help beside 30 labelled rendered ones?', [OTHER_FRAMES],
        labelled=30),
    'own-frames-all': Study(
        'Do the unlabelled frames of the tested real videos help beside 4000 labelled rendered ones?', [OWN_FRAMES]),
    'own-frames-30': Study(
        'Do the unlabelled frames of the tested real videos help beside 30 labelled rendered ones?', [OWN_FRAMES],
        labelled=30),
    'trained-backbone-all': Study(
        'Do they help when the backbone is trained, with all videos labelled?', [trained_backbone]),
    'trained-backbone-30': Study(
        'Do they help when the backbone is trained, with 30 labelled videos?', [trained_backbone], labelled=30),
    'longer-all': Study('Do they help in a schedule four times as long, with all videos labelled?', iterations=2400),
    'longer-30': Study(
        'Do they help in a schedule four times as long, with 30 labelled videos?', iterations=2400, labelled=30),
    'stride-16-all': Study('Do they help keys of stride 16, with all videos labelled?', [key_stride_16]),
    'stride-16-30': Study('Do they help keys of stride 16, with 30 labelled videos?', [key_stride_16], labelled=30),
    'batch-2-all': Study('Do they help with batches of 2 clips, with all videos labelled?', [smaller_batch]),
    'larger-crops-all': Study('Do they help with crops of 288 pixels and all videos labelled?', [larger_crops]),
    'larger-crops-30': Study('Do they help with crops of 288 pixels and 30 labelled videos?', [larger_crops],
                             labelled=30),
}
