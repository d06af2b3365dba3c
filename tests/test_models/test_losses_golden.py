"""Mask losses against the official STCN, XMem and correspondence code."""
import numpy as np
import pytest
import torch

from vosreg.models.losses import BootstrappedCrossEntropy, DiceLoss


@pytest.fixture(scope='module')
def golden(golden_root):
    with np.load(golden_root / 'losses.npz') as archive:
        return dict(archive)


@pytest.fixture(scope='module')
def frames(golden):
    """Logits [2, 4, H, W] and labels [2, H, W] of frames 1 and 2."""
    logits, labels = torch.from_numpy(golden['logits']).double(), torch.from_numpy(golden['labels'])
    return [(logits[:, t], labels[:, t + 1]) for t in (0, 1)]


def two_objects(logits, labels):
    return logits[:, :3], torch.where(labels == 3, 0, labels)


def close(actual, expected):
    torch.testing.assert_close(float(actual), float(expected), rtol=1e-5, atol=0)


def test_bootstrapped_cross_entropy_of_one_sample(golden, frames):
    loss = BootstrappedCrossEntropy()
    logits, labels = frames[0]
    valid = torch.ones(1, 3, dtype=torch.bool)
    for i, iteration in enumerate(golden['iterations']):
        assert loss.share(iteration) == pytest.approx(golden['bootstrapped_p'][i], rel=1e-12)
        close(loss(logits[:1], labels[:1], valid, int(iteration)), golden['bootstrapped_ce'][i])


def test_stcn_loss(golden, frames):
    loss = BootstrappedCrossEntropy()
    valid = torch.from_numpy(golden['stcn_selector']) > 0.5
    for i, iteration in enumerate(golden['stcn_iterations']):
        for t, frame in enumerate(frames, 1):
            close(loss(*two_objects(*_without(frame, valid)), valid, int(iteration)), golden[f'stcn_loss_{t}'][i])


def _without(frame, valid):
    """Labels of objects that a sample does not have become background."""
    logits, labels = frame
    counts = valid.sum(1)[:, None, None]
    return logits, torch.where(labels > counts, 0, labels)


def test_corr_loss(golden, frames):
    ce = BootstrappedCrossEntropy()
    dice = DiceLoss(include_background=True, loss_weight=0.4)
    valid = torch.from_numpy(golden['stcn_selector']) > 0.5
    for i, iteration in enumerate(golden['corr_iterations']):
        for t, frame in enumerate(frames, 1):
            arguments = (*two_objects(*_without(frame, valid)), valid, int(iteration))
            close(ce(*arguments) + dice(*arguments), golden[f'corr_loss_{t}'][i])


def test_corr_dice_of_four_classes(golden, frames):
    dice = DiceLoss(include_background=True)
    expected = iter(golden['dice_loss_4class'])
    for sample in (0, 1):
        for logits, labels in frames:
            valid = torch.ones(1, 3, dtype=torch.bool)
            close(dice(logits[sample:sample + 1], labels[sample:sample + 1], valid), next(expected))
    logits, labels = frames[0]
    close(dice(logits, labels, torch.ones(2, 3, dtype=torch.bool)), golden['dice_loss_batch'])


def test_xmem_losses(golden, frames):
    ce, dice = BootstrappedCrossEntropy(), DiceLoss(slots=3)
    valid = torch.arange(3) < torch.from_numpy(golden['xmem_num_objects'])[:, None]
    for i, iteration in enumerate(golden['iterations']):
        for t, frame in enumerate(frames, 1):
            logits, labels = _without(frame, valid)
            close(ce(logits, labels, valid, int(iteration)), golden[f'xmem_ce_loss_{t}'][i])
            close(dice(logits, labels, valid), golden[f'xmem_dice_loss_{t}'][i])


def test_absent_objects_get_no_gradient():
    logits = torch.randn(1, 3, 4, 4, requires_grad=True)
    valid = torch.tensor([[True, False]])
    BootstrappedCrossEntropy()(logits, torch.zeros(1, 4, 4, dtype=torch.long), valid, 0).backward()
    assert logits.grad[:, 2].abs().max() == 0 < logits.grad[:, :2].abs().min()
