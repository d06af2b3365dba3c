"""Convert a checkpoint of vosreg into one that the official XMem (hkchengrex/XMem) loads.

It must be one of XMem's own network, as configs/xmem/xmem_resnet50_*.py train it.

Example:
    python tools/model_converters/vosreg_to_xmem.py work_dirs/xmem/iter_110000.pth XMem.pth
"""
import argparse

from vosreg.engine import expected_errors
from vosreg.engine.official.files import check_fits, convert, read_own, write_official
from vosreg.engine.official.xmem import from_vosreg


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('source', help='checkpoint of vosreg, as training or publish_model.py writes it')
    parser.add_argument('target', help='checkpoint to write')
    return parser.parse_args()


@expected_errors()
def main() -> None:
    args = parse_args()
    state_dict = read_own(args.source)
    check_fits(state_dict, 'xmem_resnet50.py', args.source)
    write_official(convert(from_vosreg, state_dict, args.source), args.target)


if __name__ == '__main__':
    main()
