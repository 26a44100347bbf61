"""What this machine computes with: its devices, its cores, its compiler.

Only Python's own library is imported here before something is asked that needs more.
"""

import os
import shutil
import sysconfig
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from helpers.errors import UserError

if TYPE_CHECKING:
    import torch


def choose_device(name: str | None, local_rank: int | None = None) -> "torch.device":
    """Return the named device, or the fastest there is.

    Args:
        local_rank: which of several devices of a kind, for one process of several.

    Raises:
        UserError: if there is no such device here.
    """
    import torch

    if name is None:
        accelerator = torch.accelerator.current_accelerator(check_available=True)
        name = accelerator.type if accelerator else "cpu"
    if local_rank is not None and name != "cpu":
        name = f"{name.partition(':')[0]}:{local_rank}"
    try:
        device = torch.device(name)
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        raise UserError(
            f"This machine has no device {name!r}: leave --device out, or say cpu."
        ) from error
    return device


def usable_cores() -> int:
    """Return how many CPU cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def can_compile() -> bool:
    """Whether Triton can build what starts its kernels, which is compiled C."""
    header = Path(sysconfig.get_paths()["include"]) / "Python.h"
    compiler = any(map(shutil.which, ("cc", "gcc", "clang")))
    return bool(find_spec("triton") and compiler and header.exists())
