"""Convert a checkpoint of the official XMem (hkchengrex/XMem) into one of vosreg.

The result is checked by loading it into the model, where every entry must fit.

Example:
    python tools/model_converters/xmem_to_vosreg.py XMem.pth xmem_vosreg.pth
"""
from pathlib import Path

from vosreg.engine.official.files import parse_converter_args, read_official, write_converted
from vosreg.engine.official.xmem import to_vosreg


def main() -> None:
    args = parse_converter_args(__doc__, source='official checkpoint, for example XMem.pth')
    write_converted(to_vosreg(read_official(args.source)), args.target, 'xmem_resnet50.py',
                    meta=dict(converted_from='XMem', source=Path(args.source).name))


if __name__ == '__main__':
    main()
