"""Convert a checkpoint of the official STCN (hkchengrex/STCN) into one of vosreg.

Also one of VOS-Correspondence (wenguanwang/VOS_Correspondence), whose network is STCN's with another decoder. The
result is checked by loading it into the model, where every entry must fit.

Example:
    python tools/model_converters/stcn_to_vosreg.py stcn.pth stcn_vosreg.pth
"""
import argparse
from pathlib import Path

from vosreg.engine import expected_errors
from vosreg.engine.official.files import convert, read_official, write_converted
from vosreg.engine.official.stcn import is_stcn, to_vosreg


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('source', help='official checkpoint, for example stcn.pth')
    parser.add_argument('target', help='checkpoint to write')
    return parser.parse_args()


@expected_errors()
def main() -> None:
    args = parse_args()
    state_dict = convert(to_vosreg, read_official(args.source), args.source)
    network, model = ('STCN', 'stcn_resnet50.py') if is_stcn(state_dict) else ('VOS-Correspondence', 'corr_resnet50.py')
    write_converted(state_dict, args.target, model, meta=dict(converted_from=network, source=Path(args.source).name))


if __name__ == '__main__':
    main()
