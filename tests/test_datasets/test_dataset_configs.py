"""Every base config of a data set makes a training clip and a test frame from a small copy of its layout."""
import pytest
from golden import REPOSITORY
from mmengine.config import Config
from mmengine.registry import init_default_scope

from vosreg.datasets import ClipIndex
from vosreg.registry import DATASETS, METRICS

CONFIGS = REPOSITORY / 'configs' / '_base_' / 'datasets'


@pytest.mark.parametrize('name', sorted(path.stem for path in CONFIGS.glob('*.py')))
def test_a_clip_and_a_frame(name, small_data, monkeypatch):
    monkeypatch.chdir(small_data)
    init_default_scope('vosreg')
    config = Config.fromfile(CONFIGS / f'{name}.py')
    train = DATASETS.build(config.train_dataloader.dataset)
    clip = train[ClipIndex(len(train) - 1, 3, max_skip=10)]
    crop = 192 if name == 'synthetic' else 384
    assert clip['inputs'].shape == (3, 3, crop, crop) and clip['data_samples'].num_objects >= 1
    if 'test_dataloader' in config:
        test = DATASETS.build(config.test_dataloader.dataset)
        sample = test[0]['data_samples']
        assert sample.given_mask.shape == test[0]['inputs'].shape[1:]
        assert len(sample.object_ids) == (1 if name == 'davis2016' else sample.given_mask.max())
        assert sample.result_wanted
        assert 'given_mask' not in test[1]['data_samples']


PROTOCOLS = {
    'davis2016': 'davis', 'davis2017': 'davis', 'davis2017_test-dev': 'davis', 'youtube_vos2018': 'youtube_vos',
    'youtube_vos2019': 'youtube_vos', 'youtube_vos2018_all-frames': 'youtube_vos',
    'youtube_vos2019_all-frames': 'youtube_vos', 'mose': 'mose', 'lvos': 'lvos', 'vost': 'vost', 'burst': 'burst'
}


@pytest.mark.parametrize('name', PROTOCOLS)
def test_each_is_scored_by_its_protocol(name):
    init_default_scope('vosreg')
    config = Config.fromfile(CONFIGS / f'{name}.py')
    assert config.test_evaluator == config.val_evaluator
    metric = METRICS.build(config.test_evaluator)
    assert metric.prefix == PROTOCOLS[name]
    assert type(metric).__name__ == ('DAVISMetric' if name.startswith(('davis', 'vost')) else 'YouTubeVOSMetric')
