"""The training stages of STCN, XMem and the correspondence paper have the official hyper-parameters."""
from typing import NamedTuple, Optional

import pytest
import torch
from golden import REPOSITORY
from mmengine.config import Config

from vosreg.registry import MODELS

CONFIGS = REPOSITORY / 'configs'
SKIPS = {'stcn': (5, 10, 15, 20, 25, 5), 'xmem': (5, 10, 15, 5), 'correspondence': (5, 10, 15, 5)}
OPTIMIZERS = {
    'stcn': dict(type='Adam', weight_decay=1e-7),
    'xmem': dict(type='AdamW', weight_decay=0.05),
    'correspondence': dict(type='AdamW', weight_decay=1e-7),
}


class Official(NamedTuple):
    """What the official code sets in a stage.

    Attributes:
        iterations: Length of the stage.
        drop: Iteration at which the learning rate is divided by 10, None for never.
        batch_size: Clips an iteration, on two GPUs.
        frames: Frames of a clip.
        objects: Most objects of a clip.
        last_skip: Part of the stage after which the frame gap is small again; None without a curriculum.
        learning_rate: Of all parameters, but for factors of some.
    """
    iterations: int
    drop: Optional[int]
    batch_size: int
    frames: int
    objects: int
    last_skip: Optional[float]
    learning_rate: float = 1e-5


STAGES = {
    'stcn/stcn_resnet50_stage0_static-images.py': Official(300000, 150000, 16, 3, 1, None),
    'stcn/stcn_resnet50_stage1_bl30k.py': Official(500000, 400000, 8, 3, 2, 0.8),
    'stcn/stcn_resnet50_stage2_davis2017-youtube-vos2019.py': Official(300000, 250000, 8, 3, 2, 0.9),
    'stcn/stcn_resnet50_stage3_davis2017-youtube-vos2019.py': Official(150000, 125000, 8, 3, 2, 0.9),
    'xmem/xmem_resnet50_stage0_static-images.py': Official(150000, None, 16, 3, 1, None),
    'xmem/xmem_resnet50_stage1_bl30k.py': Official(250000, 200000, 8, 8, 3, 0.8),
    'xmem/xmem_resnet50_stage2_davis2017-youtube-vos2019.py': Official(150000, 120000, 8, 8, 3, 0.9),
    'xmem/xmem_resnet50_stage3_davis2017-youtube-vos2019.py': Official(100000, 80000, 8, 8, 3, 0.9),
    'xmem/xmem_resnet50_finetune_davis2017-youtube-vos2019.py': Official(10000, None, 8, 8, 3, None, 1e-6),
    'correspondence/corr_resnet50_stage0_static-images.py': Official(300000, 250000, 16, 3, 1, None, 5e-5),
    'correspondence/corr_resnet50_stage1_bl30k.py': Official(500000, 400000, 8, 3, 2, 0.8),
    'correspondence/corr_resnet50_stage2_davis2017-youtube-vos2019.py': Official(300000, 250000, 8, 3, 2, 0.8, 5e-5),
    'correspondence/corr_resnet50_stage3_davis2017-youtube-vos2019.py': Official(150000, 125000, 16, 3, 2, 0.8, 5e-5),
}


def pipelines(config: Config) -> list:
    dataset = config.train_dataloader.dataset
    return [part.pipeline for part in dataset.get('datasets', [dataset])]


def find(pipeline: list, *names: str) -> dict:
    return next(transform for transform in pipeline if transform.type in names)


@pytest.mark.parametrize('name', STAGES)
def test_hyper_parameters(name):
    config, official = Config.fromfile(CONFIGS / name), STAGES[name]
    assert config.train_cfg.max_iters == official.iterations
    assert (config.param_scheduler or {}).get('milestones') == (official.drop and [official.drop])
    assert 2 * config.train_dataloader.batch_size == config.auto_scale_lr.base_batch_size == official.batch_size
    method = name.split('/')[0]
    is_xmem = method == 'xmem'
    assert config.optim_wrapper.optimizer == dict(OPTIMIZERS[method], lr=official.learning_rate)
    for pipeline in pipelines(config):
        sampling = find(pipeline, 'RepeatImage', 'SampleFrames', 'SampleNearbyFrames')
        assert sampling.num_frames == official.frames
        assert find(pipeline, 'SelectObjects').max_objects == official.objects
        if official.objects > 1:
            assert find(pipeline, 'WarpClip').get('interpolation', 'bicubic') == ('bilinear' if is_xmem else 'bicubic')
            turns = not is_xmem or 'bl30k' not in name and 'finetune' not in name
            assert any(transform.type == 'RandomFrameAffine' for transform in pipeline) == turns
    if official.last_skip:
        hook, = config.custom_hooks
        assert tuple(hook.max_skips) == SKIPS[method]
        assert hook.fractions[-1] == official.last_skip
    assert config.model.value_encoder.get('see_others', True) == (official.objects > 1)
    if is_xmem:
        assert config.model.train_memory.reference_frames == (2 if official.objects == 1 else 3)
        assert config.model.losses[1].slots == official.objects
    if method == 'correspondence':
        loss, = config.model.correspondence
        assert loss.projection_channels == 64 and not loss.gather_ranks
        assert loss.schedule == dict(type='LinearRamp', start=30000, end=90000)


@pytest.mark.parametrize('name', [name for name in STAGES if 'youtube' in name])
def test_how_often_davis_comes(name):
    dataset = Config.fromfile(CONFIGS / name).train_dataloader.dataset
    assert [part.type for part in dataset.datasets] == ['DAVISDataset', 'YouTubeVOSDataset']
    assert tuple(dataset.repeats) == (1 if name.startswith('correspondence') else 5, 1)


@pytest.mark.parametrize('name', ['davis2017_finetune', 'finetune_davis2017-youtube-vos2019'])
def test_fine_tuning_goes_on_where_the_stage_before_ended(name):
    stage = Config.fromfile(CONFIGS / 'xmem/xmem_resnet50_stage3_davis2017-youtube-vos2019.py')
    fine_tuning = Config.fromfile(CONFIGS / f'xmem/xmem_resnet50_{name}.py')
    before, after = (MODELS.build(config.model.losses[0]) for config in (stage, fine_tuning))
    assert [after.share(i) for i in (0, 9999)] == [before.share(stage.train_cfg.max_iters)] * 2 == [0.15] * 2
    assert fine_tuning.model.losses[1:] == stage.model.losses[1:]
    gaps, = fine_tuning.custom_hooks
    assert gaps.max_skips[-1:] == gaps.max_skips[:1] == stage.custom_hooks[0].max_skips[-1:]


@pytest.mark.parametrize('method', SKIPS)
def test_a_stage_takes_over_the_checkpoint_of_the_one_before(method):
    first, second = (MODELS.build(Config.fromfile(CONFIGS / name).model) for name in STAGES
                     if name.startswith(method) and ('stage0' in name or 'stage3' in name))
    weights = first.state_dict()
    second.load_state_dict(weights, strict=True)
    name = next(key for key, weight in weights.items() if second.state_dict()[key].shape != weight.shape)
    assert name.startswith('value_encoder.backbone')
    assert torch.equal(second.state_dict()[name][:, :4], weights[name])
