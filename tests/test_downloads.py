"""Downloads by several processes at once."""
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import torch

from vosreg.downloads import fetch

URL = 'https://example.com/models/model.pth?version=2'


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setattr(torch.hub, 'get_dir', lambda: str(tmp_path))
    return tmp_path / 'checkpoints'


def test_one_downloads_while_the_others_wait(cache, monkeypatch):
    downloads = []

    def download(url, path, progress):
        downloads.append(url)
        time.sleep(0.2)
        Path(path).write_text('weights')

    monkeypatch.setattr(torch.hub, 'download_url_to_file', download)
    with ThreadPoolExecutor(4) as pool:
        paths = list(pool.map(fetch, [URL] * 4))
    assert paths == [cache / 'model.pth'] * 4 and downloads == [URL]
    assert paths[0].read_text() == 'weights'


def test_after_a_failure_the_next_one_downloads(cache, monkeypatch):
    """Also in the same process: the lock is not left behind."""
    attempts = []

    def download(url, path, progress):
        attempts.append(url)
        if len(attempts) == 1:
            raise OSError('the network is down')
        Path(path).write_text('weights')

    monkeypatch.setattr(torch.hub, 'download_url_to_file', download)
    with pytest.raises(OSError, match='the network is down'):
        fetch(URL)
    assert fetch(URL).read_text() == 'weights'


def test_what_is_there_needs_no_lock(cache, monkeypatch):
    """A cache may be read-only."""
    cache.mkdir()
    (cache / 'model.pth').write_text('weights')
    assert fetch(URL).read_text() == 'weights' and [path.name for path in cache.iterdir()] == ['model.pth']
