"""COCO's run lengths; the expected texts were written by pycocotools 2.0."""
import numpy as np
import pytest

from vosreg.fileio import decode_mask, encode_mask


def test_pycocotools_writes_the_same():
    mask = np.zeros((60, 80), bool)
    mask[5:50, 10:70] = mask[0, 0] = True
    mask[20:30, 30:31] = False
    encoded = encode_mask(mask)
    assert encoded == dict(size=[60, 80], counts='01lb0\\1c]O' + 38 * '0' + 'ROK55i' + 77 * '0' + 'cb0')
    assert np.array_equal(decode_mask(encoded), mask)


@pytest.mark.parametrize('mask, counts', [(np.zeros((2, 2)), '4'), (np.ones((2, 2)), '04')], ids=['empty', 'full'])
def test_one_value(mask, counts):
    encoded = encode_mask(mask > 0)
    assert encoded['counts'] == counts
    assert np.array_equal(decode_mask(encoded), mask > 0)


@pytest.mark.parametrize('share', [0.001, 0.5, 0.999])
def test_round_trip(share):
    rng = np.random.default_rng(0)
    for size in [(1, 1), (1, 50), (50, 1), (37, 41), (600, 500)]:
        mask = rng.random(size) < share
        assert np.array_equal(decode_mask(encode_mask(mask)), mask)


def test_a_wrong_size_is_an_error():
    with pytest.raises(ValueError, match='run lengths of 4 pixels are no mask of 3x2 pixels'):
        decode_mask(dict(size=[2, 3], counts='04'))
