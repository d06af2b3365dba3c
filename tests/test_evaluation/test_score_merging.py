"""Scores on disk, and the masks of several runs."""
import numpy as np
import pytest
from toy_training import run_tool

from vosreg.evaluation.score_merging import list_frames, merge_scores
from vosreg.fileio import read_mask, read_scores, write_scores


def _scores(*shares, size=(2, 3)):
    """Constant probabilities of objects, and the rest to background."""
    return np.stack([np.full(size, share, np.float32) for share in (1 - sum(shares), *shares)])


@pytest.fixture
def runs(tmp_path):
    """Two runs of the frames ant/0 and bee/0; object 9 is channel 1."""
    for run, shares in (('a', (0.1, 0.5)), ('b', (0.7, 0.1))):
        write_scores(tmp_path / run / 'ant' / '0.npz', _scores(*shares), (9, 4))
        write_scores(tmp_path / run / 'bee' / '0.npz', _scores(0.6), (1, ))
    return [tmp_path / 'a', tmp_path / 'b']


def test_scores_are_kept_to_8_bits_in_the_order_of_the_ids(tmp_path):
    prob = np.random.default_rng(0).dirichlet((1, 1, 1), (5, 7)).transpose(2, 0, 1).astype(np.float32)
    write_scores(tmp_path / 'f.npz', prob, (9, 4))
    scores, object_ids = read_scores(tmp_path / 'f.npz')
    assert object_ids == (4, 9) and scores.dtype == np.uint8
    assert np.abs(scores / 255 - prob[[0, 2, 1]]).max() <= 0.5 / 255 + 1e-6
    assert [path.name for path in tmp_path.iterdir()] == ['f.npz']


def test_the_mean_decides(runs):
    frames = list_frames(runs)
    assert [str(frame) for frame in frames] == ['ant/0.npz', 'bee/0.npz']
    assert (merge_scores([runs[0] / frames[0]]) == 4).all()
    assert (merge_scores([run / frames[0] for run in runs]) == 9).all()  # 0.4 against 0.3 and 0.3
    assert (merge_scores([run / frames[1] for run in runs]) == 1).all()


def test_the_tool_writes_masks(runs, tmp_path, capsys):
    run_tool('merge-scores', *runs, '--out', tmp_path / 'masks', '--workers', 1)
    assert '2 masks of 2 runs' in capsys.readouterr().out
    assert (read_mask(tmp_path / 'masks' / 'ant' / '0.png') == 9).all()
    (runs[1] / 'ant' / '0.npz').unlink()
    with pytest.raises(SystemExit, match="b lacks the scores of 1 frames.*frame '0' of the video 'ant'"):
        run_tool('merge-scores', *runs, '--out', tmp_path / 'masks', '--workers', 1)


def test_videos_in_folders_are_merged_too(tmp_path):
    for run in 'ab':
        write_scores(tmp_path / run / 'YFCC100M' / 'ant' / '0.npz', _scores(0.6), (1, ))
        write_scores(tmp_path / run / 'bee' / '0.npz', _scores(0.6), (1, ))
    runs = [tmp_path / 'a', tmp_path / 'b']
    assert [path.as_posix() for path in list_frames(runs)] == ['YFCC100M/ant/0.npz', 'bee/0.npz']
    (runs[1] / 'YFCC100M' / 'ant' / '0.npz').unlink()
    with pytest.raises(FileNotFoundError, match="frame '0' of the video 'YFCC100M/ant'"):
        list_frames(runs)


BAD = {
    'another size': (lambda path: write_scores(path, _scores(0.1, 0.2, size=(4, 3)), (9, 4)), 'is 3x4 pixels.*is 3x2'),
    'other objects': (lambda path: write_scores(path, _scores(0.1, 0.2), (9, 5)), r'objects \[5, 9\].*has \[4, 9\]'),
    'truncated': (lambda path: path.write_bytes(path.read_bytes()[:100]), 'no scores that can be read'),
    'something else': (lambda path: np.savez(path, masks=np.zeros(3)), 'no scores that can be read'),
    'too few maps': (lambda path: np.savez(path, scores=np.zeros((2, 2, 3)), object_ids=[4, 9]), 'of 2 objects'),
}


@pytest.mark.parametrize('case', BAD)
def test_bad_scores_are_named(runs, case):
    damage, message = BAD[case]
    damage(runs[1] / 'ant' / '0.npz')
    with pytest.raises(ValueError, match=f'b/ant/0.npz.*{message}|b/ant/0.npz {message}'):
        merge_scores([run / 'ant' / '0.npz' for run in runs])


def test_a_folder_without_scores_is_named(runs, tmp_path):
    with pytest.raises(FileNotFoundError, match='no scores in .*nowhere'):
        list_frames([*runs, tmp_path / 'nowhere'])
