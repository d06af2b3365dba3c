"""MMEngine's logger in distributed tests."""
from typing import Dict, Optional

from mmengine import hooks
from mmengine.dist import master_only

from vosreg.registry import HOOKS


@HOOKS.register_module()
class LoggerHook(hooks.LoggerHook):
    """MMEngine's ``LoggerHook``, but only the main process writes the results of a test.

    There, all processes write them into one file at the same time, and may leave it torn.
    """

    @master_only
    def after_test_epoch(self, runner, metrics: Optional[Dict[str, float]] = None) -> None:
        """Log the metrics and write them to the work dir as JSON."""
        super().after_test_epoch(runner, metrics)
