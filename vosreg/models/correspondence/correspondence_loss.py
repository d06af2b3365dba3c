"""What the correspondence losses share: the features that they match, a schedule, and a check of both."""
from functools import partial
from typing import Callable, Dict, List, Optional

from mmengine.model import BaseModule
from torch import Tensor, nn

from vosreg.ops import similarity, squared_distance_scores
from vosreg.registry import MODELS
from vosreg.structures import ClipViews, FeatureSpec, FrameFeatures, VOSDataSample


class CorrespondenceLoss(BaseModule):
    """A loss on the matching itself, called once an iteration with both views of the clips.

    ``uses_second_view`` tells whether it reads the second view, which is not made for losses that do not.

    It owns nothing that inference needs: a model without it takes the same checkpoints and gives the same masks.

    Args:
        spec: Features that the key encoder makes.
        projection_channels: Match a projection of the context with this many channels, which only this loss uses and
            which has no place at inference, instead of the keys themselves.
        schedule: Config of a factor of the losses by iteration, such as :class:`LinearRamp`; always 1 without it.
    """

    uses_second_view = True

    def __init__(self,
                 spec: FeatureSpec,
                 projection_channels: Optional[int] = None,
                 schedule: Optional[dict] = None) -> None:
        super().__init__()
        self.projection = None
        if projection_channels is not None:
            self.projection = nn.Conv2d(spec.context_channels, projection_channels, 3, padding=1)
            nn.init.orthogonal_(self.projection.weight)
            nn.init.zeros_(self.projection.bias)
        self.schedule = MODELS.build(schedule) if schedule else None

    def forward(self, views: ClipViews, data_samples: List[VOSDataSample], iteration: int) -> Dict[str, Tensor]:
        """Compute the losses.

        Args:
            views: The features of B clips, of both views if any correspondence loss uses the second one.
            data_samples: One for each clip.
            iteration: Current iteration, from 0.

        Returns:
            The weighted losses by name; the names begin with ``loss_``.

        Raises:
            FloatingPointError: The features are not finite.
        """
        raise NotImplementedError

    def keys(self, features: FrameFeatures, data_samples: List[VOSDataSample], iteration: int) -> Tensor:
        """What is matched, float32 [B, frames, C, h, w], of features of some frames of each of B clips."""
        keys = features.key if self.projection is None else self.projection(features.context)
        keys = keys.float().unflatten(0, (len(data_samples), -1))
        finite = keys.isfinite().flatten(1).all(1)
        if not finite.all():
            videos = sorted({str(sample.get('video', 'without name'))
                             for sample, is_finite in zip(data_samples, finite.tolist()) if not is_finite})
            raise FloatingPointError(
                f'{type(self).__name__}: the features of video {", ".join(videos)} are not finite at iteration '
                f'{iteration}; training has diverged: resume from an earlier checkpoint with a lower learning rate, '
                'gradient clipping or float32')
        return keys

    def scoring(self, features: FrameFeatures) -> Callable[[Tensor, Tensor], Tensor]:
        """How the model compares :meth:`keys` of these features; a projection is compared by squared distance.

        Shrinkage and selection, which not every location has as memory and as query, are left out.

        Returns:
            A function of memory keys [B, C, M] and query keys [B, C, Q] that gives scores, float32 [B, Q, M].
        """
        is_dot_product = features.dot_product and self.projection is None
        return partial(similarity, dot_product=True) if is_dot_product else squared_distance_scores

    def factor(self, iteration: int) -> float:
        """What the schedule multiplies the losses with."""
        return 1.0 if self.schedule is None else self.schedule(iteration)
