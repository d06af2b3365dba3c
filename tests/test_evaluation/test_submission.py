"""A zip file of masks as servers take it, or an error that names what is missing."""
import os
import zipfile

import numpy as np
import pytest
from PIL import Image

from vosreg.evaluation.submission import IncompleteSubmissionError, write_submission
from vosreg.fileio import write_mask
from vosreg.structures import WantedResults

WANTED = [WantedResults('ant', ('00000', '00005', '00010'), (8, 12), (1, 7)),
          WantedResults('bee', ('x', ), (6, 4), (1, ))]


@pytest.fixture
def masks(tmp_path):
    for video, frames, shape, object_ids in WANTED:
        for frame in frames:
            write_mask(tmp_path / 'masks' / video / f'{frame}.png', np.full(shape, object_ids[-1], np.uint8))
    return tmp_path / 'masks'


def test_only_what_is_wanted_is_in_the_zip(masks, tmp_path):
    write_mask(masks / 'ant' / '00006.png', np.zeros((8, 12), np.uint8))
    write_mask(masks / 'cow' / '00000.png', np.zeros((8, 12), np.uint8))
    os.utime(masks / 'ant' / '00000.png', (0, 0))
    for root, top in (('', ''), ('Annotations', 'Annotations/')):
        assert write_submission(tmp_path / 'out.zip', masks, WANTED, root) == 4
        with zipfile.ZipFile(tmp_path / 'out.zip') as archive:
            assert archive.namelist() == [
                f'{top}ant/00000.png', f'{top}ant/00005.png', f'{top}ant/00010.png', f'{top}bee/x.png']
            with archive.open(f'{top}ant/00005.png') as file, Image.open(file) as image:
                assert image.mode == 'P' and np.array(image).max() == 7


def _remove(masks):
    for path in (masks / 'bee').iterdir():
        path.unlink()


def _colours(masks):
    Image.fromarray(np.full((8, 12, 3), 1, np.uint8)).save(masks / 'ant' / '00005.png')


BAD = {
    'a missing video': (_remove, ["video 'bee': no mask", '1 are wanted']),
    'missing frames': (lambda m: [(m / 'ant' / f'{t}.png').unlink() for t in ('00000', '00010')],
                       ["video 'ant': 2 of 3 masks are missing", '00000, 00010']),
    'another size': (lambda m: write_mask(m / 'ant' / '00005.png', np.zeros((8, 13), np.uint8)),
                     ["video 'ant', frame '00005'", '13x8', '12x8']),
    'an unknown id': (lambda m: write_mask(m / 'ant' / '00005.png', np.full((8, 12), 2, np.uint8)),
                      ["video 'ant', frame '00005'", 'object 2', 'only 1, 7']),
    'colours': (_colours, ["video 'ant', frame '00005'", 'mode RGB', 'palette']),
    'a truncated file': (lambda m: (m / 'bee' / 'x.png').write_bytes((m / 'bee' / 'x.png').read_bytes()[:60]),
                         ["video 'bee', frame 'x'", 'cannot decode']),
}


@pytest.mark.parametrize('case', BAD)
def test_what_is_wrong_is_named_and_nothing_is_written(masks, tmp_path, case):
    damage, parts = BAD[case]
    damage(masks)
    with pytest.raises(IncompleteSubmissionError) as caught:
        write_submission(tmp_path / 'out.zip', masks, WANTED)
    for part in parts:
        assert part in str(caught.value)
    assert [path.name for path in tmp_path.iterdir()] == ['masks']


def test_all_problems_come_at_once(masks, tmp_path):
    for damage, _ in (BAD['a missing video'], BAD['another size']):
        damage(masks)
    with pytest.raises(IncompleteSubmissionError, match=r"(?s)frame '00005'.*video 'bee'"):
        write_submission(tmp_path / 'out.zip', masks, WANTED)
    wanted = [WantedResults(f'video{i}', ('0', ), (8, 12), (1, )) for i in range(25)]
    with pytest.raises(IncompleteSubmissionError, match='and 5 more'):
        write_submission(tmp_path / 'out.zip', masks, wanted)
