"""Distributed runs on machines without a GPU."""
import torch
from mmengine.config import Config
from mmengine.dist import is_distributed


def set_launcher(config: Config, launcher: str) -> None:
    """Set the launcher of a run, and make it work on the CPU too.

    MMEngine joins the processes and wraps the model for GPUs only. Where there is none, join them by gloo here, which
    MMEngine then takes as it is, and let the wrapper keep the model where it is.

    Args:
        config: The run's config, which is changed.
        launcher: ``'none'``, ``'pytorch'`` (torchrun), ``'slurm'`` or ``'mpi'``.

    Raises:
        ValueError: There is no GPU and the launcher is not torchrun.
    """
    config.launcher = launcher
    if launcher == 'none' or torch.cuda.is_available():
        return
    if launcher != 'pytorch':
        raise ValueError(f'this machine has no GPU; on the CPU run with --launcher pytorch, not {launcher}')
    if not is_distributed():
        torch.distributed.init_process_group(backend='gloo')
    wrapper = config.get('model_wrapper_cfg') or dict(
        type='MMDistributedDataParallel', find_unused_parameters=config.get('find_unused_parameters', False),
        broadcast_buffers=False)
    config.model_wrapper_cfg = dict(wrapper, device_ids=None)
