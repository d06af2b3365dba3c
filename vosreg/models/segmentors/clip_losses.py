"""The losses of a batch of training clips."""
from typing import Dict, List, Optional

import numpy as np
import torch
from mmengine.dist import all_reduce
from mmengine.logging import MessageHub
from torch import Tensor, nn

from vosreg.registry import MEMORY_BANKS
from vosreg.structures import FrameFeatures, SecondView, VOSDataSample

from ..clip_generators import batch_generator, clip_generators
from ..losses import MaskLoss


def clip_losses(model: nn.Module, inputs: Tensor, data_samples: List[VOSDataSample],
                second_view: Optional[SecondView]) -> Dict[str, Tensor]:
    """The losses by name of a batch of clips, see :meth:`MatchingVOS.loss`; ``model`` is a :class:`MatchingVOS`."""
    iteration = MessageHub.get_current_instance().get_info('iter', 0)
    generators = clip_generators(len(data_samples), 'memory frames')
    features = model.encode(inputs.flatten(0, 1))
    labelled = [index for index, sample in enumerate(data_samples) if sample.num_objects]
    if len(labelled) == len(data_samples):
        losses = _mask_losses(model, inputs, features, data_samples, generators, iteration)
    elif labelled:
        images = torch.arange(len(data_samples) * inputs.shape[1], device=inputs.device)
        images = images.view(len(data_samples), -1)[labelled].flatten()
        losses = _mask_losses(
            model, inputs[labelled], features.select(images), [data_samples[index] for index in labelled],
            [generators[index] for index in labelled], iteration)
    else:
        # Distributed training waits for a gradient of every parameter.
        nothing = sum(0 * parameter.sum() for parameter in model.parameters() if parameter.requires_grad)
        losses = {mask_loss.loss_name: nothing for mask_loss in model.losses}
    # The mean over the labelled clips of all processes, which may have different numbers of them.
    mean_number = inputs.new_tensor(float(len(labelled)))
    all_reduce(mean_number, op='mean')
    losses = {name: loss * (len(labelled) / mean_number.clamp(min=1e-6)) for name, loss in losses.items()}
    if model.correspondence:
        views = model.encode_views(features, second_view)
        for correspondence_loss in model.correspondence:
            for name, value in correspondence_loss(views, data_samples, iteration).items():
                losses[name] = losses.get(name, 0) + value
    return losses


def _mask_losses(model: nn.Module, inputs: Tensor, features: FrameFeatures, data_samples: List[VOSDataSample],
                 generators: List[np.random.Generator], iteration: int) -> Dict[str, Tensor]:
    """Segment frames 1..T-1 of each clip, given the masks of frame 0, and compare with the true masks.

    Frame t is segmented from the memory of frames 0..t-1; frames after the first are remembered with their predicted
    soft masks, so gradients flow through the whole clip. Every segmented frame but the last refreshes the sensory
    state; the value of frame 0 does so too, and those of later frames at random, all clips alike.

    Args:
        model: A :class:`MatchingVOS`.
        inputs: Normalised clips [B, T, 3, H, W].
        features: Their features, clip by clip.
        data_samples: One for each clip, with ``masks`` [T, H, W] and ``num_objects``.
        generators: The clips' random generators.
        iteration: Current iteration, from 0.

    Returns:
        The losses by name, summed over the frames.
    """
    num_frames, size = inputs.shape[1], inputs.shape[-2:]
    labels = torch.stack([sample.masks for sample in data_samples]).long()
    counts = torch.tensor([sample.num_objects for sample in data_samples], device=inputs.device)
    objects = torch.arange(1, int(counts.max()) + 1, device=inputs.device)
    valid = objects <= counts[:, None]

    memory = MEMORY_BANKS.build(dict(model.train_memory, generators=generators))
    is_deep = batch_generator('deep updates').random(num_frames) < model.deep_update_prob
    masks = (labels[:, 0, None] == objects[:, None, None]).to(inputs.dtype)
    losses: Dict[str, Tensor] = {}
    for t in range(1, num_frames):
        model.memorize(
            inputs[:, t - 1], features.select(slice(t - 1, None, num_frames)), masks, memory, t - 1,
            deep_update=t == 1 or is_deep[t])
        logits = model.step(
            features.select(slice(t, None, num_frames)), memory, size, valid, update_sensory=t < num_frames - 1)
        masks = logits.softmax(1)[:, 1:]
        for mask_loss in model.losses:
            context = (valid, iteration) if isinstance(mask_loss, MaskLoss) else ()
            value = mask_loss(logits, labels[:, t], *context)
            losses[mask_loss.loss_name] = losses.get(mask_loss.loss_name, 0) + value
    return losses
