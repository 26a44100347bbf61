"""Several processes that train one network together, started by ``torchrun``.

Each process holds a copy of the network and a share of every batch;
``DistributedDataParallel`` averages their gradients, so all copies take the same
step. With one process everything here does nothing.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from helpers.errors import UserError


class World(NamedTuple):
    """The processes of a run, as one of them sees it.

    Attributes:
        rank: this process's number, from 0; number 0 prints and writes files.
        size: how many processes there are, on all machines.
        local_rank: this process's number on its own machine: its GPU.
    """

    rank: int = 0
    size: int = 1
    local_rank: int = 0

    def share_of(self, batch_size: int) -> int:
        """Return how many images of a batch each process gets.

        Raises:
            UserError: if they cannot be shared evenly.
        """
        if batch_size % self.size:
            raise UserError(
                f"A batch of {batch_size} images cannot be split evenly among "
                f"{self.size} processes: choose a multiple of {self.size}."
            )
        return batch_size // self.size


ALONE = World()


def world() -> World:
    """Return what ``torchrun`` told this process; one process without it.

    Source: https://docs.pytorch.org/docs/stable/elastic/run.html, environment
    variables.
    """
    if not dist.is_torchelastic_launched():
        return ALONE
    names = ("RANK", "WORLD_SIZE", "LOCAL_RANK")
    return World(*(int(os.environ[name]) for name in names))


def is_main() -> bool:
    """Whether this process prints and writes: one of them does."""
    return world().rank == 0


@contextmanager
def session(device: torch.device) -> Iterator[World]:
    """Connect the processes for the time of a ``with`` block.

    Args:
        device: where this process computes; it decides between NCCL and Gloo.
    """
    here = world()
    if here.size == 1:
        yield here
        return
    on_gpu = device.type != "cpu"
    if on_gpu:
        torch.accelerator.set_device_index(device.index or 0)
    dist.init_process_group(
        dist.get_default_backend_for_device(device),
        device_id=device if on_gpu else None,
    )
    try:
        yield here
    finally:
        dist.destroy_process_group()


def processes() -> int:
    """Return how many processes are connected; 1 outside a session."""
    return dist.get_world_size() if dist.is_initialized() else 1


def wrap(network: nn.Module, device: torch.device) -> nn.Module:
    """Return the network so that ``backward`` averages gradients over processes."""
    if processes() == 1:
        return network
    ids = None if device.type == "cpu" else [device.index or 0]
    return DistributedDataParallel(network, device_ids=ids)


def unwrap(model: nn.Module) -> nn.Module:
    """Return the network itself: its ``state_dict`` has no ``module.`` in its keys."""
    return model.module if isinstance(model, DistributedDataParallel) else model


def mean(value: float, weight: int, device: torch.device) -> float:
    """Return the weighted mean of every process's number, the same on each."""
    if processes() == 1:
        return value
    sums = torch.tensor([value * weight if weight else 0.0, float(weight)])
    sums = sums.to(device)
    dist.all_reduce(sums)
    return (sums[0] / sums[1]).item()


def anywhere(flag: bool, device: torch.device) -> bool:
    """Return whether something is so in at least one process, the same on each.

    For whatever changes the course of a run: a process that decides alone trains
    another network than the rest, or lets them wait for ever.
    """
    return flag if processes() == 1 else mean(float(flag), 1, device) > 0


def gather(value: Any) -> list[Any]:
    """Return every process's value, in the order of the ranks, on each."""
    if processes() == 1:
        return [value]
    values: list[Any] = [None] * processes()
    dist.all_gather_object(values, value)
    return values


def from_first(value: Any) -> Any:
    """Return the value of rank 0 on every process; what the others pass is ignored."""
    if processes() == 1:
        return value
    values = [value]
    dist.broadcast_object_list(values, src=0)
    return values[0]


def join_shares(share: Tensor, rows: int) -> Tensor:
    """Put rows back in order that were dealt out to the processes in turn.

    Args:
        share: this process's rows: rank, rank + size, rank + 2 size, ...
        rows: how many there are over all processes, each counted once.
    """
    shares = gather(share)
    whole = share.new_empty((rows, *share.shape[1:]))
    for rank, part in enumerate(shares):
        whole[rank :: len(shares)] = part
    return whole


def agree_on_buffers(network: nn.Module) -> None:
    """Give every process the buffers of rank 0: BatchNorm's running statistics.

    Each process has seen other images since its last forward pass, and an
    evaluation that is split among them needs one network.
    """
    if processes() > 1:
        for buffer in network.buffers():
            dist.broadcast(buffer, src=0)
