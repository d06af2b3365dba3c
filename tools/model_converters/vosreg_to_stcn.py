"""Convert a checkpoint of vosreg into one that the official STCN (hkchengrex/STCN) loads.

It must be one of STCN's own network, as configs/stcn/stcn_resnet50_*.py train it, or of VOS-Correspondence's
(configs/correspondence/corr_resnet50_*.py), for wenguanwang/VOS_Correspondence.

Example:
    python tools/model_converters/vosreg_to_stcn.py work_dirs/stcn/iter_150000.pth stcn.pth
"""
import argparse

from vosreg.engine import expected_errors
from vosreg.engine.official.files import check_fits, convert, read_own, write_official
from vosreg.engine.official.stcn import from_vosreg, is_stcn


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('source', help='checkpoint of vosreg, as training or publish_model.py writes it')
    parser.add_argument('target', help='checkpoint to write')
    return parser.parse_args()


@expected_errors()
def main() -> None:
    args = parse_args()
    state_dict = read_own(args.source)
    check_fits(state_dict, 'stcn_resnet50.py' if is_stcn(state_dict) else 'corr_resnet50.py', args.source)
    write_official(convert(from_vosreg, state_dict, args.source), args.target)


if __name__ == '__main__':
    main()
