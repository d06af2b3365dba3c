"""How fast SyntheticVOS makes training clips: on one core, and through a data loader with two workers."""
import argparse
import time
from pathlib import Path

import cv2
from mmengine.config import Config
from mmengine.registry import init_default_scope
from mmengine.runner import Runner

CONFIG = Path(__file__).parents[1] / 'configs' / '_base_' / 'datasets' / 'synthetic.py'


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--batches', type=int, default=40, help='batches to time (default: %(default)s)')
    args = parser.parse_args()
    cv2.setNumThreads(1)
    init_default_scope('vosreg')
    loader_config = Config.fromfile(CONFIG).train_dataloader
    frames_a_batch = loader_config.batch_size * 3
    for num_workers in (0, 2):
        loader_config.update(num_workers=num_workers, persistent_workers=num_workers > 0)
        batches = iter(Runner.build_dataloader(loader_config, seed=0))
        for _ in range(5):
            next(batches)
        start = time.perf_counter()
        for _ in range(args.batches):
            next(batches)
        seconds = (time.perf_counter() - start) / args.batches
        where = f'{num_workers} workers' if num_workers else 'main process'
        print(f'{where:>12}: {1000 * seconds:6.1f} ms a batch of {loader_config.batch_size} clips, '
              f'{frames_a_batch / seconds:6.1f} frames a second')


if __name__ == '__main__':
    main()
