"""The training loop, and the checkpoint it leaves.

The loop is short on purpose: six lines that every PyTorch program has, in the
order in which they must stand.
"""

import math
import os
import random
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import torch
from torch import Tensor, nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler
from tqdm.auto import tqdm

from helpers import evaluation
from helpers.errors import UserError

Batches = Iterable[tuple[Tensor, Tensor]]
CHECKPOINT_FORMAT = 1  # raise it when a key changes its meaning


def seed_everything(seed: int) -> None:
    """Seed Python, NumPy and PyTorch on every device.

    Data loader workers are seeded by PyTorch from the loader's generator, for
    NumPy as well.
    """
    import numpy as np

    random.seed(seed)
    np.random.seed(seed)
    torch.manual_seed(seed)


def show_progress() -> bool:
    """Whether somebody is looking: a terminal, or a notebook."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    return sys.stderr.isatty() or hasattr(shell, "kernel")


@dataclass(frozen=True)
class Epoch:
    """What one epoch gave.

    Attributes:
        number: counted from 1.
        train_loss: mean over the images of the epoch, in training mode, while
            the weights were still moving.
        val_loss: mean cross-entropy over the validation split, after the epoch.
        val_accuracy: share of validation images that are right, 0 to 1.
        lr: learning rate of the epoch's last step.
        seconds: wall clock, validation included.
    """

    number: int
    train_loss: float
    val_loss: float
    val_accuracy: float
    lr: float
    seconds: float

    def __str__(self) -> str:
        return (
            f"epoch {self.number:3d}   train loss {self.train_loss:.4f}   "
            f"val loss {self.val_loss:.4f}   val accuracy {self.val_accuracy:.3f}   "
            f"lr {self.lr:.2e}   {self.seconds:.1f} s"
        )


def fit(
    model: nn.Module,
    train_loader: Batches,
    val_loader: Batches,
    *,
    epochs: int,
    optimizer: Optimizer,
    loss_fn: Callable[[Tensor, Tensor], Tensor],
    scheduler: LRScheduler | None = None,
    schedule_per: Literal["step", "epoch"] = "step",
    device: torch.device | str = "cpu",
    progress: bool | None = None,
    on_epoch: Callable[[Epoch], None] | None = None,
) -> list[Epoch]:
    """Train ``model`` in place and return one record per epoch.

    Args:
        model: maps images ``[N, 3, H, W]`` to logits ``[N, C]``; already on
            ``device``.
        train_loader: yields images and targets ``[N]``, reshuffled per epoch.
        val_loader: the same for validation, not shuffled.
        epochs: passes over ``train_loader``.
        optimizer: over the model's parameters.
        loss_fn: maps logits and targets to the mean loss of the batch.
        scheduler: changes the learning rate; whether it counts steps or epochs
            is for ``schedule_per`` to say, and its own ``T_max`` or
            ``total_steps`` must count the same (note 6).
        device: where the model is and batches go.
        progress: a bar per epoch; ``None`` shows it on a terminal and in Jupyter.
        on_epoch: called with each record, for printing or saving.

    Raises:
        ValueError: if ``schedule_per`` is unknown or the training loader is empty.
        FloatingPointError: if an epoch's mean loss is not finite.
    """
    if schedule_per not in ("step", "epoch"):
        raise ValueError(f"schedule_per is 'step' or 'epoch', not {schedule_per!r}")
    step_schedule = scheduler if schedule_per == "step" else None
    progress = show_progress() if progress is None else progress
    history: list[Epoch] = []
    for number in range(1, epochs + 1):
        start = time.perf_counter()
        losses: list[Tensor] = []
        sizes: list[int] = []
        model.train()
        batches = train_loader
        if progress:
            batches = tqdm(train_loader, desc=f"epoch {number}/{epochs}", leave=False)
        for images, targets in batches:
            images = images.to(device, non_blocking=True)  # [N, 3, H, W]
            targets = targets.to(device, non_blocking=True)  # [N]
            loss = loss_fn(model(images), targets)  # [N, C], [N] -> scalar
            optimizer.zero_grad()  # else gradients add up over the steps
            loss.backward()
            optimizer.step()
            if step_schedule is not None:
                step_schedule.step()
            losses.append(loss.detach())  # a number is read once per epoch, not here
            sizes.append(len(targets))
        if not losses:
            raise ValueError("the training loader gave no batch")
        lr = optimizer.param_groups[0]["lr"]
        if scheduler is not None and schedule_per == "epoch":
            scheduler.step()
        weights = torch.tensor(sizes, dtype=torch.float32) / sum(sizes)
        train_loss = (torch.stack(losses).cpu().float() * weights).sum().item()
        if not math.isfinite(train_loss):
            raise FloatingPointError(
                f"the training loss of epoch {number} is {train_loss}: lower the "
                "learning rate, or look for bad values in the data"
            )
        answers = evaluation.collect(model, val_loader, device)
        seconds = time.perf_counter() - start
        epoch = Epoch(number, train_loss, answers.loss, answers.accuracy, lr, seconds)
        history.append(epoch)
        if on_epoch is not None:
            on_epoch(epoch)
    return history


def save_checkpoint(path: str | Path, checkpoint: dict[str, Any]) -> None:
    """Write a checkpoint so that the file is either the old one or the new one.

    It is written beside its place and then renamed, which is one step for the
    file system: a crash or a full disk leaves the old file alone. Versions of
    the libraries are added.

    Args:
        checkpoint: tensors, numbers, texts, lists and dictionaries only, so that
            it loads without running code from the file (``weights_only=True``).

    Raises:
        UserError: if the folder cannot be written or the disk is full.
    """
    import torchvision

    import helpers

    path = Path(path)
    checkpoint = checkpoint | {
        "format": CHECKPOINT_FORMAT,
        "versions": {
            "helpers": helpers.__version__,
            "torch": str(torch.__version__),
            "torchvision": str(torchvision.__version__),
        },
    }
    with _replacing(path) as temporary:
        torch.save(checkpoint, temporary)


def require_writable(path: str | Path) -> None:
    """Find out before a long run whether a checkpoint can be written there.

    Raises:
        UserError: if it cannot.
    """
    path = Path(path)
    if path.is_dir():
        raise UserError(f"{path} is a folder: give --out the name of a file in it.")
    with suppress(_OnlyTrying), _replacing(path) as temporary:
        temporary.touch()
        raise _OnlyTrying


class _OnlyTrying(Exception):
    """Leaves :func:`_replacing` without replacing anything."""


@contextmanager
def _replacing(path: Path) -> Iterator[Path]:
    """Give a name to write to, and rename that file to ``path`` at the end."""
    temporary = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield temporary
        with open(temporary, "rb+") as file:
            os.fsync(file.fileno())  # on the disk before the name changes
        os.replace(temporary, path)
    except (OSError, RuntimeError) as error:  # torch.save raises RuntimeError
        reason = getattr(error, "strerror", None) or error
        raise UserError(
            f"The checkpoint {path} cannot be written ({reason}): choose another "
            "place with --out, or make room."
        ) from error
    finally:
        with suppress(OSError):
            temporary.unlink()


def load_checkpoint(path: str | Path) -> dict[str, Any]:
    """Read a checkpoint of :func:`save_checkpoint`, without running code from it.

    Raises:
        UserError: if the file is missing, broken or something else.
    """
    try:
        checkpoint = torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError as error:
        raise UserError(f"There is no checkpoint {path}: train one first.") from error
    except Exception as error:  # torch.load has no error class of its own
        raise UserError(
            f"{path} is not a checkpoint of this program, or is damaged."
        ) from error
    known = isinstance(checkpoint, dict)
    if not known or checkpoint.get("format") != CHECKPOINT_FORMAT:
        raise UserError(f"{path} is not a checkpoint of this version of the program.")
    return checkpoint
