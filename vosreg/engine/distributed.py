"""Runs of one or several processes, with and without GPUs."""
import gc
from contextlib import contextmanager
from datetime import timedelta
from typing import Iterator

import torch
from mmengine.config import Config


@contextmanager
def launched(config: Config, launcher: str) -> Iterator[None]:
    """Run the block in the processes that a launcher started.

    MMEngine joins the processes and wraps the model for GPUs only. Where there is none, they are joined by gloo here,
    which MMEngine then takes as it is, and the wrapper is told to keep the model where it is.

    Args:
        config: The run's config, whose launcher is set.
        launcher: ``'none'`` (one process), ``'pytorch'`` (torchrun), ``'slurm'`` or ``'mpi'``.

    Raises:
        ValueError: There is no GPU and the launcher is not torchrun.
    """
    config.launcher = launcher
    if launcher != 'none' and not torch.cuda.is_available():
        _join_without_gpu(config)
    yield
    if torch.distributed.is_initialized():
        if torch.distributed.get_backend() == 'gloo':
            # Its threads abort a process that exits while they live, and they live as long as a wrapped model does.
            gc.collect()
        torch.distributed.destroy_process_group()


def _join_without_gpu(config: Config) -> None:
    if config.launcher != 'pytorch':
        raise ValueError(f'this machine has no GPU; on the CPU run with --launcher pytorch, not {config.launcher}')
    seconds = config.get('env_cfg', {}).get('dist_cfg', {}).get('timeout')
    torch.distributed.init_process_group(backend='gloo', timeout=seconds and timedelta(seconds=seconds))
    wrapper = config.get('model_wrapper_cfg') or dict(
        type='MMDistributedDataParallel',
        find_unused_parameters=config.get('find_unused_parameters', False),
        broadcast_buffers=False)
    config.model_wrapper_cfg = dict(wrapper, device_ids=None)
