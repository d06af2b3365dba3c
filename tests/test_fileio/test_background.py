"""Files written in the background: all of them, and no error is lost."""
import os
import stat
import threading

import numpy as np
import pytest

from vosreg.fileio import BackgroundWriter, read_mask, write_mask


def test_all_masks_are_there(tmp_path):
    writer = BackgroundWriter()
    umask = os.umask(0o027)
    try:
        for i in range(60):
            writer.submit(write_mask, tmp_path / f'{i % 3}' / f'{i}.png', np.full((9, 11), i, np.uint8))
        writer.finish()
    finally:
        assert os.umask(umask) == 0o027
    paths = sorted(tmp_path.rglob('*.*'))
    assert len(paths) == 60 and all((read_mask(path) == int(path.stem)).all() for path in paths)
    assert {stat.S_IMODE(path.stat().st_mode) for path in paths} == {0o640}


def test_the_caller_goes_on_until_too_much_waits():
    writer, gate, calls = BackgroundWriter(num_threads=1, max_waiting=2), threading.Event(), []
    for i in range(2):
        writer.submit(lambda i=i: (gate.wait(10), calls.append(i)))
    assert calls == []
    threading.Timer(0.05, gate.set).start()
    writer.submit(calls.append, 2)
    assert calls[0] == 0
    writer.finish()
    assert calls == [0, 1, 2]


def test_errors_are_raised(tmp_path):
    (tmp_path / 'file').touch()
    wrong, mask = tmp_path / 'file' / '00000.png', np.zeros((9, 11), np.uint8)
    writer = BackgroundWriter(max_waiting=1)
    writer.submit(write_mask, wrong, mask)
    with pytest.raises((FileExistsError, NotADirectoryError), match='file'):
        writer.submit(write_mask, tmp_path / '00001.png', mask)
    writer.submit(write_mask, wrong, mask)
    with pytest.raises((FileExistsError, NotADirectoryError), match='file'):
        writer.finish()
    writer.finish()
