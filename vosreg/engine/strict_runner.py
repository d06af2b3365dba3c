"""A runner that does not go on with half a checkpoint."""
from typing import Callable, Optional, Union

from mmengine.model import is_model_wrapper
from mmengine.runner import CheckpointLoader, Runner
from torch import nn

from .checkpoints import load_weights
from .device import default_device


class StrictRunner(Runner):
    """MMEngine's runner for testing and resuming, where every weight of the model must come from the checkpoint.

    MMEngine leaves weights that are missing or have another shape as they were initialised and only warns, which is
    right for starting a training from weights of another model, and nowhere else.
    """

    def wrap_model(self, model_wrapper_cfg: Optional[dict], model: nn.Module) -> nn.Module:
        """Wrap the model for distributed running, if it has anything to train: else there is nothing to keep equal."""
        if any(parameter.requires_grad for parameter in model.parameters()):
            return super().wrap_model(model_wrapper_cfg, model)
        return model.to(default_device())

    def resume(self, filename: str, *args, **kwargs) -> None:
        """See :meth:`mmengine.runner.Runner.resume`; a seed that the run before drew goes on to shuffle the videos.

        MMEngine takes it from the checkpoint too, but after the sampler has been built with a newly drawn one.
        """
        drawn_seed = self.seed
        super().resume(filename, *args, **kwargs)
        sampler = self.train_dataloader.sampler
        if getattr(sampler, 'seed', None) == drawn_seed:
            sampler.seed = self.seed

    def load_checkpoint(self, filename: str, map_location: Union[str, Callable] = 'cpu', **kwargs) -> dict:
        """Load weights into the model.

        Args:
            filename: Path or URL.
            map_location: See :func:`torch.load`.
            **kwargs: MMEngine's ``strict`` and ``revise_keys``, which have no meaning here.

        Returns:
            The checkpoint.

        Raises:
            CheckpointError: See :func:`~vosreg.engine.checkpoints.load_weights`.
        """
        checkpoint = CheckpointLoader.load_checkpoint(filename, map_location)
        self.call_hook('after_load_checkpoint', checkpoint=checkpoint)
        load_weights(self.model.module if is_model_wrapper(self.model) else self.model, checkpoint, filename)
        self._has_loaded = True
        return checkpoint
