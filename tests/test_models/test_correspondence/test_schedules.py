"""Weights by iteration."""
import pytest

from vosreg.models.correspondence import LinearRamp, PixelCorrespondence
from vosreg.structures import FeatureSpec


def test_the_official_ramp():
    ramp = LinearRamp(30000, 90000)
    assert [ramp(i) for i in (0, 29999, 30000, 45000, 60000, 90000, 10**6)] == [0, 0, 0, 0.25, 0.5, 1, 1]


def test_a_loss_takes_a_schedule_or_none():
    spec = FeatureSpec(8, 8, 6, {})
    assert PixelCorrespondence(spec).factor(0) == 1
    assert PixelCorrespondence(spec, schedule=dict(type='LinearRamp', start=0, end=10)).factor(4) == 0.4


def test_a_ramp_that_does_not_rise_is_refused():
    with pytest.raises(ValueError, match='goes from 5 to 5'):
        LinearRamp(5, 5)
