"""The global random number generators: seeded, kept and put back together.

There are three on the CPU, Python's, NumPy's and PyTorch's, and one per device.
"""

import random
from typing import Any, NamedTuple

import numpy as np
import torch


class Generators(NamedTuple):
    """The states of the CPU's three generators, as their owners give them."""

    python: Any
    numpy: Any
    torch: torch.Tensor


def get_generators() -> Generators:
    """Return where the CPU's generators are."""
    of_numpy = np.random.get_state(legacy=True)
    return Generators(random.getstate(), of_numpy, torch.get_rng_state())


def set_generators(states: Generators) -> None:
    """Put the CPU's generators where :func:`get_generators` found them."""
    random.setstate(states.python)
    np.random.set_state(states.numpy)
    torch.set_rng_state(states.torch)


def seed_generators(seed: int) -> None:
    """Seed the CPU's generators and leave the devices' alone."""
    random.seed(seed)
    np.random.seed(seed)
    torch.default_generator.manual_seed(seed)


def seed_everything(seed: int) -> None:
    """Seed Python, NumPy and PyTorch on every device.

    Data loader workers are seeded by PyTorch from the loader's generator, for
    NumPy as well.
    """
    seed_generators(seed)
    torch.manual_seed(seed)  # the devices too


def rng_state(device: torch.device) -> dict[str, Any]:
    """Return the state of every global random number generator, fit for a checkpoint.

    Args:
        device: its generator is kept too where it is not the CPU.
    """
    states = get_generators()
    kind, words, *rest = states.numpy
    # A list instead of NumPy's array: weights_only=True loads no arrays.
    state = states._asdict() | {"numpy": (kind, words.tolist(), *rest)}
    if device.type != "cpu":
        state["device"] = torch.get_device_module(device).get_rng_state(device)
    return state


def set_rng_state(state: dict[str, Any], device: torch.device) -> None:
    """Put every global generator where :func:`rng_state` found it."""
    kind, words, *rest = state["numpy"]
    of_numpy = (kind, np.array(words, dtype=np.uint32), *rest)
    set_generators(Generators(state["python"], of_numpy, state["torch"]))
    if device.type != "cpu" and "device" in state:
        torch.get_device_module(device).set_rng_state(state["device"], device)
