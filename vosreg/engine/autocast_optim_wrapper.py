"""Mixed precision on every device."""
from typing import Optional, Union

import torch
from mmengine.optim import AmpOptimWrapper, OptimWrapper

from vosreg.registry import OPTIM_WRAPPERS

from .device import default_device


@OPTIM_WRAPPERS.register_module()
class AutocastOptimWrapper(AmpOptimWrapper):
    """MMEngine's ``AmpOptimWrapper`` that also trains on the CPU, and scales the loss only where float16 needs it.

    Args:
        dtype: ``'float16'`` or ``'bfloat16'``, or PyTorch's type of that name; by default float16 on a GPU and bfloat16
            on the CPU.
        init_scale: First scale of the loss for float16, which then adapts itself. bfloat16 has the range of float32
            and is not scaled.
        **kwargs: ``optimizer``, ``clip_grad`` and ``accumulative_counts`` of :class:`mmengine.optim.OptimWrapper`.

    Raises:
        ValueError: float16 on the CPU, or another dtype.
    """

    def __init__(self, dtype: Optional[Union[str, torch.dtype]] = None, init_scale: float = 2.0**16, **kwargs) -> None:
        # The parent's own __init__ refuses CPUs and always scales; everything else of it works here.
        OptimWrapper.__init__(self, **kwargs)
        device = default_device()
        if dtype is None:
            dtype = 'bfloat16' if device == 'cpu' else 'float16'
        name = str(dtype).removeprefix('torch.')
        if name not in ('float16', 'bfloat16'):
            raise ValueError(f'autocast runs in float16 or bfloat16, not in {name}')
        self.cast_dtype = getattr(torch, name)
        if device == 'cpu' and self.cast_dtype == torch.float16:
            raise ValueError('autocast on the CPU runs in bfloat16, not in float16; set dtype=\'bfloat16\'')
        self.loss_scaler = torch.amp.GradScaler(
            device, init_scale=init_scale, enabled=self.cast_dtype == torch.float16)
        self._scale_update_param = None

    def load_state_dict(self, state_dict: dict) -> None:
        """Load the states of optimizer and loss scaler; the scaler starts afresh where the run before had none."""
        if not state_dict.get('loss_scaler'):
            state_dict.pop('loss_scaler', None)
        super().load_state_dict(state_dict)
