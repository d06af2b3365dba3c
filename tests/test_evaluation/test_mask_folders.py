"""Which frames of folders of masks are scored."""
import numpy as np

from vosreg.evaluation.mask_folders import pair_folders
from vosreg.fileio import write_mask


def test_frames_follow_each_other_by_number(tmp_path):
    """The last frame, which is not scored, is 12 and not 9; files that systems hide beside others are no frames."""
    for number in range(1, 13):
        for folder in ('truth', 'prediction'):
            write_mask(tmp_path / folder / 'bear' / f'{number}.png', np.ones((4, 4), np.uint8))
    (tmp_path / 'truth' / 'bear' / '._1.png').write_bytes(b'of macOS')
    pairs = pair_folders(tmp_path / 'prediction', tmp_path / 'truth')
    assert [int(pair.truth.stem) for pair in pairs] == list(range(2, 12))
    # A sequence that a list names twice counts once.
    assert pair_folders(tmp_path / 'prediction', tmp_path / 'truth', sequences=['bear', 'bear']) == pairs
