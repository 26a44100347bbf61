"""What can be known of the code for GPUs where there is none.

Tensors that have a device and no values stand in for those of a GPU: fake ones on
``cuda`` for the forward pass, and ``meta`` for the backward pass. PyTorch's manager of
CUDA graphs is asked without graphs.
"""

import os
from functools import partial
from unittest import mock

import pytest
import torch
from torch import nn
from torch._inductor.cudagraph_trees import CUDAGraphNode, CUDAGraphTreeManager
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.optim import SGD, AdamW

from helpers.data.images import ToNormalised
from helpers.model.resnet import ResNet, resnet18
from helpers.notebook import evidence
from helpers.training.steps import Stepper
from toys import LOSS

if torch.version.cuda is None:
    pytest.skip("this PyTorch knows no CUDA", allow_module_level=True)


FIRST_TENSOR = "torch._subclasses.fake_tensor.init_gpu_context"


@pytest.fixture
def cuda():
    """Return ``empty(shape)``, which makes a fake tensor on a GPU."""
    with (
        mock.patch("torch.cuda.is_available", return_value=True),
        mock.patch("torch.cuda.is_bf16_supported", return_value=True),
        mock.patch(FIRST_TENSOR, create=True),  # it would ask the driver
        torch.backends.cudnn.flags(enabled=False),  # and so would this
        FakeTensorMode(),
        torch.no_grad(),  # the engine would ask the driver, too
    ):
        yield lambda *shape: torch.empty(shape, device="cuda")


def on_fake_gpu(module):
    """Give a module parameters and buffers that have no values."""
    for part in module.modules():
        for name, tensor in part._parameters.items():
            if tensor is not None:
                empty = torch.empty(tensor.shape, device="cuda")
                part._parameters[name] = nn.Parameter(empty, requires_grad=False)
        for name, tensor in part._buffers.items():
            part._buffers[name] = torch.empty(
                tensor.shape, dtype=tensor.dtype, device="cuda"
            )
    return module


@pytest.mark.parametrize("precision", ["float32", "float16", "bfloat16"])
@pytest.mark.parametrize(("make", "side"), [(ResNet, 64), (resnet18, 224)])
def test_every_layer_runs_on_a_gpu(cuda, make, side, precision):
    network = on_fake_gpu(make(6)).eval()
    dtype = getattr(torch, precision)
    with torch.autocast("cuda", dtype, enabled=precision != "float32"):
        logits = network(cuda(2, 3, side, side))
    assert logits.device.type == "cuda"
    assert logits.shape == (2, 6)
    assert logits.dtype == dtype


def test_a_tensor_that_was_left_on_the_cpu_is_noticed(cuda):
    """Else the test above would pass whatever the code did."""
    network = on_fake_gpu(nn.Linear(3, 2))
    with pytest.raises(RuntimeError, match="(?i)device"):
        network(torch.empty(2, 3))


def test_bytes_are_normalised_on_a_gpu(cuda):
    there = on_fake_gpu(ToNormalised((0.5, 0.4, 0.3), (0.2, 0.3, 0.4)))
    found = there(torch.empty(4, 3, 8, 8, dtype=torch.uint8))  # from the CPU
    assert found.device.type == "cuda"
    assert found.dtype == torch.float32


@pytest.mark.parametrize("make", [SGD, AdamW])
def test_a_step_keeps_to_its_device(make):
    """Backward pass, norm, clipping and optimiser: no tensor leaves ``meta``."""
    with torch.device("meta"):
        network = ResNet(6)
        images = torch.empty(2, 3, 64, 64)
        targets = torch.zeros(2, dtype=torch.long)
    optimizer = make(network.parameters(), 0.1)
    stepper = Stepper(network, optimizer, LOSS, device="meta", max_norm=1.0)
    assert stepper.step([(images, targets)])
    gradients = stepper.gradients()
    assert [g.shape for g in gradients] == [p.shape for p in network.parameters()]
    tensors = [*gradients, *stepper.losses, stepper.grad_norm]
    for state in optimizer.state.values():
        tensors += [v for k, v in state.items() if torch.is_tensor(v) and k != "step"]
    assert {tensor.device.type for tensor in tensors} == {"meta"}


@pytest.mark.parametrize(
    ("end", "invalidates"),
    [
        ("try_end_curr_warmup", True),  # at the start of call 2
        ("try_end_curr_recording", True),  # at the start of call 3
        ("try_end_curr_execution", False),  # at the start of each later one
    ],
)
def test_only_the_first_two_calls_mark_what_they_overwrite(end, invalidates):
    """What chapter 17 says of PyTorch's CUDA graphs, asked of the manager itself."""
    manager = mock.MagicMock(spec=CUDAGraphTreeManager)
    manager.in_recording = end == "try_end_curr_recording"
    manager.in_warmup = end == "try_end_curr_warmup"
    manager.current_node = mock.MagicMock(spec=CUDAGraphNode)
    manager.can_start_new_generation.return_value = True
    clear = CUDAGraphTreeManager.clear_current_path_state_and_set_to_none
    manager.clear_current_path_state_and_set_to_none = partial(clear, manager)
    function = [] if end == "try_end_curr_execution" else [0]
    getattr(CUDAGraphTreeManager, end)(manager, *function)
    assert manager.dealloc_current_path_weakrefs.called is invalidates
    assert manager.current_node is None


# --- a cell on a machine with a GPU ------------------------------------------------


@pytest.fixture
def card(monkeypatch):
    """Pretend to see a GPU, as far as a cell looks."""
    monkeypatch.delenv(evidence.REHEARSAL, raising=False)
    monkeypatch.setattr("torch.cuda.is_available", lambda: True)
    monkeypatch.setattr("torch.cuda.get_device_name", lambda *_: "Test card")


def measure(device):
    yield evidence.row(f"on {device}", range(3), warm_up=0)


def test_a_cell_measures_and_shows_its_numbers(card, capsys):
    evidence.on_gpu("amp-step", measure)
    first, _, line = capsys.readouterr().out.splitlines()
    assert first == "Test card, measured now:"
    assert line.split()[:3] == ["on", "cuda", "1"]


@pytest.mark.parametrize(
    ("key", "stand_in", "said"),
    [
        ("compile-calls", "helpers.devices.can_compile", "apt install gcc"),
        ("decoder-gap", "helpers.notebook.evidence.has_dali", "DALI is absent"),
    ],
)
def test_a_cell_says_what_the_machine_lacks(
    card, capsys, monkeypatch, key, stand_in, said
):
    """In a line, and the notebook goes on."""
    monkeypatch.setattr(stand_in, lambda: False)
    evidence.on_gpu(key, lambda device: pytest.fail("measured all the same"))
    printed = capsys.readouterr().out
    assert printed.startswith("Test card: not measured, because ")
    assert said in printed
    assert printed.count("\n") == 1


def test_recording_takes_a_part_of_the_memory_only(card, monkeypatch, tmp_path):
    shares = []
    monkeypatch.setattr("torch.cuda.empty_cache", lambda: None)
    monkeypatch.setattr("torch.cuda.mem_get_info", lambda: (10e9, 80e9))
    monkeypatch.setattr("torch.cuda.set_per_process_memory_fraction", shares.append)
    monkeypatch.setitem(os.environ, evidence.RECORDING, str(tmp_path / "lines"))
    monkeypatch.setitem(os.environ, evidence.CHOSEN, "amp-step")
    evidence.on_gpu("amp-step", measure)
    assert shares == [0.1]
    assert "on cuda" in (tmp_path / "lines").read_text()
