"""tools/dataset_converters/fetch_photographs.py on packages made here."""
import hashlib
import io
import resource
import runpy
import signal
import sys
import tarfile

import cv2
import numpy as np
import pytest
from golden import REPOSITORY

TOOL = REPOSITORY / 'tools' / 'dataset_converters' / 'fetch_photographs.py'


def archive(files: dict) -> bytes:
    """A Debian package: an ar archive with data.tar.xz after a member of odd length."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode='w:xz') as tar:
        for name, content in files.items():
            entry = tarfile.TarInfo(f'./usr/share/{name}')
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    parts = [b'!<arch>\n']
    for name, content in (('debian-binary', b'2.0'), ('data.tar.xz', stream.getvalue())):
        header = f'{name:16}{0:<12}{0:<6}{0:<6}{100644:<8}{len(content):<10}`\n'.encode()
        parts += [header, content, b'\n' * (len(content) % 2)]
    return b''.join(parts)


def encode(image: np.ndarray, suffix: str) -> bytes:
    return cv2.imencode(suffix, image)[1].tobytes()


@pytest.fixture
def mirror(tmp_path) -> tuple:
    """A mirror with a package of stamps and one of wallpapers: its address, and PACKAGES for them."""
    rng = np.random.default_rng(0)
    photograph = rng.integers(0, 255, (120, 160, 4)).astype(np.uint8)
    photograph[..., 3] = 255
    photograph[:, :40, 3] = 0
    drawing = np.full_like(photograph, 255)
    png, jpg = encode(photograph, '.png'), encode(photograph[..., :3], '.jpg')
    stamps = archive({
        'stamps/animals/cats/tom.png': png,
        'stamps/animals/cats/tom_mirror.png': png,
        'stamps/animals/cats/cartoon/tim.png': png,
        'stamps/symbols/a.png': png,
        'stamps/drawn.png': encode(drawing, '.png'),
        'stamps/tiny.png': encode(photograph[:30, :30], '.png'),
        'stamps/plain.png': encode(photograph[..., :3], '.png'),
        'stamps/tom.txt': b'Tom',
        'doc/stamps/copyright': b'GPL-2',
    })
    walls = archive({
        'wallpapers/Lake/contents/images/2560x1600.jpg': jpg,
        'wallpapers/Lake/contents/images/1280x800.jpg': jpg,
        'wallpapers/Curves/contents/images/2560x1600.jpg': jpg,
        'backgrounds/Hill.jpg': jpg,
        'doc/walls/copyright': b'CC0',
    })
    tool = runpy.run_path(str(TOOL))
    packages = {}
    scenes = tool['take_scene']('Lake Hill')
    for name, data, take in (('stamps', stamps, tool['take_cutout']), ('walls', walls, scenes)):
        (tmp_path / 'mirror').mkdir(exist_ok=True)
        (tmp_path / 'mirror' / f'{name}.deb').write_bytes(data)
        packages[name] = tool['Package'](f'{name}.deb', hashlib.sha256(data).hexdigest(), take)
    return (tmp_path / 'mirror').as_uri(), packages, tool


def files(folder) -> list:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob('*') if path.is_file())


def run(mirror, monkeypatch, out) -> None:
    address, packages, tool = mirror
    monkeypatch.setattr(sys, 'argv', [str(TOOL), str(out), '--mirror', address])
    monkeypatch.setitem(tool['main'].__globals__, 'PACKAGES', packages)
    tool['main']()


def test_photographs_only(mirror, monkeypatch, tmp_path, capsys):
    out = tmp_path / 'photographs'
    run(mirror, monkeypatch, out)
    assert files(out) == ['cutouts/animals-cats-tom.png', 'licences/stamps.txt', 'licences/walls.txt',
                          'scenes/Hill.jpg', 'scenes/Lake.jpg']
    assert cv2.imread(str(out / 'cutouts' / 'animals-cats-tom.png'), cv2.IMREAD_UNCHANGED).shape == (120, 160, 4)
    assert cv2.imread(str(out / 'scenes' / 'Lake.jpg')).shape == (768, 1024, 3)
    assert (out / 'licences' / 'stamps.txt').read_text() == 'GPL-2'
    assert 'stamps: 1 pictures' in capsys.readouterr().out


def test_what_is_done_is_left_alone(mirror, monkeypatch, tmp_path, capsys):
    """After an interruption between the packages only the second one is fetched."""
    out, (address, packages, tool) = tmp_path / 'photographs', mirror
    run((address, dict(stamps=packages['stamps']), tool), monkeypatch, out)
    (out / 'cutouts' / 'animals-cats-tom.png').unlink()
    run(mirror, monkeypatch, out)
    assert files(out) == ['licences/stamps.txt', 'licences/walls.txt', 'scenes/Hill.jpg', 'scenes/Lake.jpg']
    assert 'stamps: is there' in capsys.readouterr().out


@pytest.fixture
def limit_files():
    """Call it to have no file get beyond 1000 bytes from then on, as on a full disk."""
    handler, limits = signal.signal(signal.SIGXFSZ, signal.SIG_IGN), resource.getrlimit(resource.RLIMIT_FSIZE)
    yield lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limits[1]))
    resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    signal.signal(signal.SIGXFSZ, handler)


def test_a_full_disk_names_the_file(mirror, monkeypatch, tmp_path, limit_files):
    address, packages, tool = mirror
    scenes = packages['walls']

    def take(*file):
        limit_files()
        return scenes.take(*file)

    packages['walls'] = scenes._replace(take=take)
    with pytest.raises(SystemExit, match=r'error: cannot fetch .*/walls.deb: .*File too large.*photographs/scenes/'):
        run((address, packages, tool), monkeypatch, tmp_path / 'photographs')
    # It is not done, so the next run begins it again.
    assert files(tmp_path / 'photographs') == ['cutouts/animals-cats-tom.png', 'licences/stamps.txt']


def test_another_file_is_refused(mirror, monkeypatch, tmp_path):
    address, packages, tool = mirror
    packages['walls'] = packages['walls']._replace(sha256='0' * 64)
    with pytest.raises(SystemExit, match=r'error: cannot fetch file://.*/walls.deb: invalid hash'):
        run((address, packages, tool), monkeypatch, tmp_path / 'photographs')
    assert files(tmp_path / 'photographs') == ['cutouts/animals-cats-tom.png', 'licences/stamps.txt']


def test_a_mirror_without_the_package(mirror, monkeypatch, tmp_path):
    address, packages, tool = mirror
    with pytest.raises(SystemExit, match=r'error: cannot fetch file://.*/none/stamps.deb: '):
        run((f'{address}/none', packages, tool), monkeypatch, tmp_path / 'photographs')
