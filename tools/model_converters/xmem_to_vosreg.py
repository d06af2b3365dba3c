"""Convert a checkpoint of the official XMem (hkchengrex/XMem) into one of vosreg.

The result is checked by loading it into the model, where every entry must fit.

Example:
    python tools/model_converters/xmem_to_vosreg.py XMem.pth xmem_vosreg.pth
"""
import argparse
from pathlib import Path

from vosreg.engine import expected_errors
from vosreg.engine.official.files import convert, read_official, write_converted
from vosreg.engine.official.xmem import to_vosreg


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('source', help='official checkpoint, for example XMem.pth')
    parser.add_argument('target', help='checkpoint to write')
    return parser.parse_args()


@expected_errors()
def main() -> None:
    args = parse_args()
    state_dict = convert(to_vosreg, read_official(args.source), args.source)
    write_converted(state_dict, args.target, 'xmem_resnet50.py',
                    meta=dict(converted_from='XMem', source=Path(args.source).name))


if __name__ == '__main__':
    main()
