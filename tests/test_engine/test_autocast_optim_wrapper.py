"""Mixed precision on the CPU, and on a GPU where there is one."""
import pytest
import torch
from mmengine.device import get_device
from torch import nn

from vosreg.registry import OPTIM_WRAPPERS

on_cpu = pytest.mark.skipif(get_device() != 'cpu', reason='for machines without a GPU')
on_gpu = pytest.mark.skipif(get_device() != 'cuda', reason='for machines with a GPU')


def _wrapper(model: nn.Module, **kwargs):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    return OPTIM_WRAPPERS.build(dict(type='AutocastOptimWrapper', optimizer=optimizer, **kwargs))


def _train(wrapper, model: nn.Module, steps: int) -> list:
    generator = torch.Generator().manual_seed(0)
    inputs = torch.rand(64, 4, generator=generator).to(get_device())
    targets = inputs.sum(1, keepdim=True)
    losses = []
    for _ in range(steps):
        with wrapper.optim_context(model):
            outputs = model(inputs)
        loss = (outputs.float() - targets).square().mean()
        wrapper.update_params(loss)
        losses.append(loss.item())
    return losses


@on_cpu
def test_the_cpu_trains_in_bfloat16_without_scaling():
    torch.manual_seed(0)
    model = nn.Linear(4, 1)
    wrapper = _wrapper(model, clip_grad=dict(max_norm=5.))
    with wrapper.optim_context(model):
        assert model(torch.rand(2, 4)).dtype == torch.bfloat16
    assert not wrapper.loss_scaler.is_enabled()
    losses = _train(wrapper, model, 200)
    assert losses[-1] < losses[0] / 50
    assert model.weight.dtype == torch.float32


@on_cpu
def test_gradients_are_those_of_float32_up_to_rounding():
    torch.manual_seed(0)
    model = nn.Linear(4, 1)
    _train(_wrapper(model, accumulative_counts=2), model, 1)
    mixed = model.weight.grad.clone()
    model.zero_grad()
    _train(_wrapper(model, accumulative_counts=2, dtype='bfloat16'), model, 1)
    assert torch.equal(model.weight.grad, mixed)
    inputs = torch.rand(64, 4, generator=torch.Generator().manual_seed(0))
    model.zero_grad()
    ((model(inputs) - inputs.sum(1, keepdim=True)).square().mean() / 2).backward()
    assert (mixed - model.weight.grad).norm() < 0.02 * model.weight.grad.norm()


@on_cpu
def test_float16_on_the_cpu_is_refused():
    with pytest.raises(ValueError, match='bfloat16, not in float16'):
        _wrapper(nn.Linear(4, 1), dtype='float16')


@pytest.mark.parametrize('dtype', ['bfloat16', 'torch.bfloat16', torch.bfloat16])
def test_a_type_by_any_of_its_names(dtype):
    assert _wrapper(nn.Linear(4, 1), dtype=dtype).cast_dtype == torch.bfloat16


def test_other_types_are_refused():
    with pytest.raises(ValueError, match='float16 or bfloat16, not in int8'):
        _wrapper(nn.Linear(4, 1), dtype='int8')


def test_the_state_of_a_run_without_scaling_can_be_loaded():
    model = nn.Linear(4, 1).to(get_device())
    wrapper = _wrapper(model, dtype='bfloat16')
    wrapper.optimizer.param_groups[0]['lr'] = 0.7
    other = _wrapper(model)
    other.load_state_dict(wrapper.state_dict())
    assert other.optimizer.param_groups[0]['lr'] == 0.7


@on_gpu
@pytest.mark.parametrize('dtype, scaled', [('float16', True), ('bfloat16', False)])
def test_the_gpu_scales_the_loss_for_float16_only(dtype, scaled):
    torch.manual_seed(0)
    model = nn.Linear(4, 1).cuda()
    wrapper = _wrapper(model, dtype=dtype, clip_grad=dict(max_norm=5.))
    assert wrapper.loss_scaler.is_enabled() == scaled
    losses = _train(wrapper, model, 200)
    assert losses[-1] < losses[0] / 50
    assert bool(wrapper.state_dict()['loss_scaler']) == scaled
