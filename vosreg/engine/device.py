"""Where models run: on a CUDA GPU if there is one, else on the CPU.

Importing this module makes MMEngine choose the same. Its own choice falls on accelerators of other makers too, such as
Apple's ``mps``, on which nothing here was ever run, and of which its mixed precision knows nothing.
"""
import torch
from mmengine.device import utils


def default_device() -> str:
    """``'cuda'`` if there is a GPU that PyTorch reaches by CUDA or ROCm, else ``'cpu'``."""
    return 'cuda' if torch.cuda.is_available() else 'cpu'


# All that MMEngine moves, loads and autocasts goes by its get_device(), which answers with this.
utils.DEVICE = default_device()
