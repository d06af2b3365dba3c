"""Fetch free photographs for SyntheticVOS: backdrops, and things cut out, from packages of Debian 12.

The photographs are under the GPL and Creative Commons; the copyright file of each package is kept beside them. About
320 MB are downloaded, 25 MB stay. Packages that are done are left alone, so an interrupted run goes on where it
stopped.

Example:
    python tools/dataset_converters/fetch_photographs.py data/photographs
"""
import argparse
import io
import sys
import tarfile
import tempfile
from pathlib import Path, PurePosixPath
from typing import Callable, Dict, NamedTuple, Optional

import cv2
import numpy as np
import torch
from tqdm import tqdm

from vosreg.fileio import atomic_path

MIRROR = 'http://deb.debian.org/debian'
SCENE_SIDE = 1024


class Picture(NamedTuple):
    """A file to write, below the folder of pictures."""
    path: str
    image: np.ndarray


# What a file of a package, its path and content, gives.
Take = Callable[[PurePosixPath, bytes], Optional[Picture]]


class Package(NamedTuple):
    """A Debian package: where it lies on a mirror, its SHA-256, and what is taken from it."""
    path: str
    sha256: str
    take: Take


def take_scene(names: str) -> Take:
    """Take the photographs of these names (of a file, or of the folder of a KDE wallpaper); others are drawings."""
    chosen = set(names.split())

    def take(path: PurePosixPath, data: bytes) -> Optional[Picture]:
        # Of a KDE wallpaper, the resolution that they all have.
        name = path.parts[-4] if path.stem == '2560x1600' else path.stem
        if name not in chosen or path.suffix != '.jpg':
            return None
        image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
        scale = SCENE_SIDE / max(image.shape)
        return Picture(f'scenes/{name}.jpg', cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA))

    return take


def take_cutout(path: PurePosixPath, data: bytes) -> Optional[Picture]:
    """Take a photographed stamp of Tux Paint; not symbols, drawings, copies that are mirrored, nor what is tiny."""
    if path.suffix != '.png' or {'symbols', 'cartoon'} & set(path.parts) or path.stem.endswith('_mirror'):
        return None
    image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if image.ndim != 3 or image.shape[2] != 4 or max(image.shape) < 100 or min(image.shape[:2]) < 40:
        return None
    opaque = image[..., 3] > 250
    pairs = opaque[:, 1:] & opaque[:, :-1]
    # Drawings have areas of one colour, photographs have none.
    same = (image[:, 1:, :3] == image[:, :-1, :3]).all(axis=-1)
    if opaque.mean() < 0.08 or same[pairs].mean() > 0.1:
        return None
    return Picture(f'cutouts/{"-".join([*path.parts[path.parts.index("stamps") + 1:-1], path.name])}', image)


PACKAGES: Dict[str, Package] = {
    'tuxpaint-stamps-default': Package(
        'pool/main/t/tuxpaint-stamps/tuxpaint-stamps-default_2022.06.04-1_all.deb',
        '6db6c1bfc870a47f1499d6203b083522eacb57c5f9c87d468f2e92eb6d9d5f34', take_cutout),
    'mate-backgrounds': Package(
        'pool/main/m/mate-backgrounds/mate-backgrounds_1.26.0-1_all.deb',
        '7bf4c2209f34b4f61ba6d24c8b58c28b361e82e4b943aae6d42c030169af9e04',
        take_scene('Aqua Blinds Dune FreshFlower Garden GreenMeadow LadyBird RainDrops Storm TwoWings Wood '
                   'YellowFlower')),
    'lomiri-wallpapers-16.04': Package(
        'pool/main/l/lomiri-wallpapers/lomiri-wallpapers-16.04_20.04.0-2_all.deb',
        'a99ff6a3bfe451e4cc0682ecb3cc82e71740626d59e4845ae34a0a0e45421eab',
        take_scene('Bridge_by_Sander_Klootwijk Dragonfly_by_Bolly Picture_0B_by_freespace Picture_1A_by_freespace '
                   'Wine_by_Jakkub_Mede aitzgorri_by_Aitzol_Berasategi free_by_Peter_Nerlich '
                   'friends_by_Aitzol_Berasategi greentock_by_Peter_Nerlich life_by_Aitzol_Berasategi '
                   'picosdeeuropa_by_Aitzol_Berasategi seeding_by_Clements_Engelhardt sunset_by_Aitzol_Berasategi')),
    'plasma-workspace-wallpapers': Package(
        'pool/main/p/plasma-workspace-wallpapers/plasma-workspace-wallpapers_5.27.5-2_all.deb',
        '32cd18b71c8c938a18b3b351f217c02ac590e323caa3cf322fbb875ce8892f8b',
        take_scene('BytheWater ColorfulCups DarkestHour EveningGlow FallenLeaf Grey Kite OneStandsOut Path '
                   'summer_1am')),
}


def open_package(data: bytes) -> tarfile.TarFile:
    """The files of a Debian package, which is an ``ar`` archive (deb(5)) with a member ``data.tar.*``."""
    position = len(b'!<arch>\n')
    while position < len(data):
        name, size = data[position:position + 16], int(data[position + 48:position + 58])
        position += 60
        if name.startswith(b'data.tar'):
            return tarfile.open(fileobj=io.BytesIO(data[position:position + size]))
        position += size + size % 2
    raise ValueError('no member data.tar in the package')


def fetch_package(name: str, package: Package, mirror: str, out: Path) -> int:
    """Download a package and write what is taken from it.

    Returns:
        The number of pictures.

    Raises:
        OSError: The mirror does not have it, or it cannot be written.
        RuntimeError: What it has is another file.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, 'package.deb')
        torch.hub.download_url_to_file(f'{mirror}/{package.path}', str(path), hash_prefix=package.sha256)
        data = path.read_bytes()
    count = 0
    licence = None
    with open_package(data) as archive:
        for member in tqdm(archive, desc=name, unit='file'):
            if not member.isfile():
                continue
            content = archive.extractfile(member).read()
            if member.name.endswith(f'doc/{name}/copyright'):
                licence = content
            picture = package.take(PurePosixPath(member.name), content)
            if picture is not None:
                with atomic_path(out / picture.path) as temporary:
                    temporary.write_bytes(cv2.imencode(temporary.suffix, picture.image)[1])
                count += 1
    # Last, since it tells that the package is done.
    with atomic_path(licence_path(out, name)) as temporary:
        temporary.write_bytes(licence)
    return count


def licence_path(out: Path, name: str) -> Path:
    """The copyright file of a package, which is there once all its pictures are."""
    return out / 'licences' / f'{name}.txt'


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('out', type=Path, help='folder to write, which then holds scenes, cutouts and licences')
    parser.add_argument(
        '--mirror', default=MIRROR,
        help='where Debian 12 lies (default: %(default)s; once it has left the mirrors, '
        'http://archive.debian.org/debian)')
    return parser.parse_args()


def main() -> None:
    args = parse_args()
    for name, package in PACKAGES.items():
        if licence_path(args.out, name).is_file():
            print(f'{name}: is there')
            continue
        try:
            count = fetch_package(name, package, args.mirror, args.out)
        except (OSError, RuntimeError) as error:
            sys.exit(f'error: cannot fetch {args.mirror}/{package.path}: {error}')
        print(f'{name}: {count} pictures')


if __name__ == '__main__':
    main()
