"""The forms in which masks may be given to a running video."""
from dataclasses import dataclass
from typing import List, Optional, Sequence

import torch
from torch import Tensor

from vosreg.fileio import LARGEST_ID, VOID_ID

FORMS = ('an index mask [H, W] of whole numbers, or one mask for each of N object_ids, [N, H, W]: bool, one-hot (whole '
         'numbers 0 and 1) or float probabilities in [0, 1]')


@dataclass(frozen=True)
class GivenMasks:
    """The masks of some objects in one frame.

    Attributes:
        object_ids: The n objects.
        masks: Their probabilities, float32 [n, H, W].
    """
    object_ids: List[int]
    masks: Tensor

    @classmethod
    def parse(cls, masks, object_ids: Optional[Sequence[int]] = None) -> 'GivenMasks':
        """Understand masks in any accepted form.

        =====================  ==============================  ==================================================
        form                   shape and type                  ``object_ids``
        =====================  ==============================  ==================================================
        index mask             whole numbers [H, W]            optional; an id without a pixel is not visible here
        one mask an object     bool [N, H, W]                  N ids
        one-hot, no background whole numbers 0, 1 [N, H, W]    N ids
        probabilities          float in [0, 1] [N, H, W]       N ids
        mask of one object     bool or float [H, W]            one id
        =====================  ==============================  ==================================================

        In an index mask, 0 and 255 (void) mean that nothing is said of the pixel.

        Args:
            masks: Tensor or NumPy array.
            object_ids: The objects that the masks are of, from 1 to 254.

        Returns:
            The masks.

        Raises:
            ValueError: The form is another one, named in the message, or the ids do not fit.
        """
        masks = torch.as_tensor(masks)
        ids = None if object_ids is None else _check_ids(object_ids)
        is_index = not (masks.dtype == torch.bool or masks.is_floating_point() or masks.is_complex())
        if masks.ndim == 2 and is_index:
            return cls._from_index_mask(masks, ids)
        if masks.ndim == 2:
            masks = masks[None]
        form = f'{str(masks.dtype).removeprefix("torch.")} {list(masks.shape)}'
        if masks.ndim != 3 or masks.is_complex():
            raise ValueError(f'masks are {FORMS}, not {form}')
        if ids is None:
            raise ValueError(f'masks of the form {form} need object_ids, one for each mask')
        if len(ids) != len(masks):
            raise ValueError(f'masks of the form {form} are {len(masks)}, but there are {len(ids)} object_ids; masks '
                             'stand along the first axis, without the background')
        if masks.dtype != torch.bool and not ((masks >= 0) & (masks <= 1)).all():
            raise ValueError(f'masks of the form {form} must lie in [0, 1], but reach from {masks.min().item():.4g} to '
                             f'{masks.max().item():.4g}')
        return cls(ids, masks.float())

    @classmethod
    def _from_index_mask(cls, mask: Tensor, ids: Optional[List[int]]) -> 'GivenMasks':
        values = mask.unique().tolist()
        seen = [i for i in values if i not in (0, VOID_ID)]
        if VOID_ID in values and not seen:
            raise ValueError(f'the index mask shows no object, only {VOID_ID}, which is void; give a black and white '
                             'mask as bool, mask > 0, with the id of its object in object_ids')
        if ids is None:
            ids = _check_ids(seen)
        unknown = sorted(set(seen) - set(ids))
        if unknown:
            raise ValueError(f'the index mask holds the ids {unknown}, which are not among object_ids={ids}')
        return cls(ids, (mask == torch.tensor(ids, dtype=mask.dtype, device=mask.device).view(-1, 1, 1)).float())


def _check_ids(object_ids: Sequence[int]) -> List[int]:
    ids = [int(i) for i in object_ids]
    wrong = [i for i in ids if not 1 <= i <= LARGEST_ID]
    if wrong:
        raise ValueError(f'object ids lie between 1 and {LARGEST_ID}, but {wrong} are given')
    if len(set(ids)) < len(ids):
        raise ValueError(f'each object has one mask a frame, but object_ids={ids} name one twice')
    return ids
