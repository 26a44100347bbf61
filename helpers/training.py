"""``fit``: the training loop with all its switches."""

from collections.abc import Sequence
from typing import Any, Literal

import torch
from torch import nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler, ReduceLROnPlateau

from helpers.errors import UserError
from helpers.progress import show_progress
from helpers.runs import Batches, Callback, Epoch, Run
from helpers.steps import LossFunction, Precision, Stepper


def fit(
    model: nn.Module,
    train_loader: Batches,
    val_loader: Batches,
    *,
    epochs: int,
    optimizer: Optimizer,
    loss_fn: LossFunction,
    scheduler: LRScheduler | None = None,
    schedule_per: Literal["step", "epoch"] = "step",
    device: torch.device | str = "cpu",
    precision: Precision = "float32",
    accumulate: int = 1,
    max_norm: float | None = None,
    callbacks: Sequence[Callback] = (),
    resume: dict[str, Any] | None = None,
    progress: bool | None = None,
) -> list[Epoch]:
    """Train ``model`` in place and return one record per epoch.

    Args:
        model: maps images ``[N, 3, H, W]`` to logits ``[N, C]``; already on
            ``device``, and wrapped if there are several processes.
        train_loader: yields images and targets ``[N]``, reshuffled per epoch.
        val_loader: the same for validation, not shuffled.
        epochs: passes over ``train_loader``, those before a resume included.
        optimizer: over the model's parameters.
        loss_fn: maps logits and targets to the mean loss of the batch.
        scheduler: changes the learning rate; whether it counts steps or epochs
            is for ``schedule_per`` to say, and its own ``T_max`` or
            ``total_steps`` must count the same (note 6). It stands still when a
            step is skipped. ``ReduceLROnPlateau`` gets the validation loss.
        device: where the model is and batches go.
        precision: of the forward pass: ``"float32"``, ``"bfloat16"`` or
            ``"float16"`` with loss scaling (note 9).
        accumulate: batches per optimiser step.
        max_norm: clip the norm of all gradients together to this (note 8).
        callbacks: see :mod:`helpers.runs` for when they are called, and
            :mod:`helpers.callbacks` for those that exist.
        resume: the checkpoint of an earlier run, to continue after its last
            epoch; model, optimiser and so on are made as for that run.
        progress: a bar per epoch; ``None`` shows it on a terminal and in Jupyter.

    Raises:
        ValueError: if an argument has no meaning or the training loader is empty.
        FloatingPointError: if an epoch's mean loss is not finite.
        UserError: if ``resume`` does not fit.
    """
    if schedule_per not in ("step", "epoch"):
        raise ValueError(f"schedule_per is 'step' or 'epoch', not {schedule_per!r}")
    if isinstance(scheduler, ReduceLROnPlateau) and schedule_per != "epoch":
        raise ValueError("ReduceLROnPlateau counts epochs: say schedule_per='epoch'")
    stepper = Stepper(
        model,
        optimizer,
        loss_fn,
        device=device,
        precision=precision,
        accumulate=accumulate,
        max_norm=max_norm,
    )
    progress = show_progress() if progress is None else progress
    run = Run(
        stepper,
        scheduler,
        schedule_per,
        train_loader,
        val_loader,
        epochs,
        callbacks,
        progress,
    )
    if resume is not None:
        run.load_state_dict(resume)
        if run.finished and run.stop is None and epochs > run.epoch:
            raise UserError(
                "The run of this checkpoint put its best weights back after "
                f"{run.epoch} epochs: it cannot be continued to {epochs}."
            )
    run.tell("on_fit_start")
    if run.finished:
        return run.history
    while run.goes_on():
        run.run_epoch()
    run.tell("on_fit_end")
    return run.history
