"""``fit``: a training run, and where a callback can step into it.

One step, from batches to new weights, is :meth:`helpers.training.steps.Stepper.step`.
A :class:`Run` goes through its epochs. Callbacks are told what happens, in this
order and in the order in which they are given:

================== ======================================== ====================
method             when                                     what it may change
================== ======================================== ====================
``on_fit_start``   once, before the first epoch             everything
``on_epoch_start`` before an epoch's first batch            rates, loader
``on_step_start``  before a step's first forward pass       weights
``on_gradients``   after ``backward``: the gradients are    gradients; may call
                   whole, unscaled and not yet clipped      ``stepper.skip``
``on_step_end``    after a step, taken or skipped           weights
``on_train_end``   after an epoch's last step               ``metrics``
``on_epoch_end``   after validation: ``history[-1]`` is     ``stop``
                   the epoch's record
``on_fit_end``     once, at the end, unless an error ended  weights
                   the run
================== ======================================== ====================
"""

import math
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from itertools import chain, islice
from typing import Any, Literal

import torch
from torch import Tensor, nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler, ReduceLROnPlateau
from tqdm.auto import tqdm

from helpers import distributed, randomness
from helpers.errors import UserError
from helpers.evaluation.predictions import collect
from helpers.progress import show_progress
from helpers.training.epochs import Epoch
from helpers.training.steps import LossFunction, Precision, Stepper

Batches = Iterable[tuple[Tensor, Tensor]]


class Callback:
    """Does something at given moments of a run; the head of this module lists them.

    A subclass overwrites the methods that it needs; the others cost nothing.
    """

    def on_fit_start(self, run: "Run") -> None:
        """Before the first epoch."""

    def on_epoch_start(self, run: "Run") -> None:
        """Before an epoch's first batch."""

    def on_step_start(self, run: "Run") -> None:
        """Before a step's first forward pass."""

    def on_gradients(self, run: "Run") -> None:
        """Between ``backward`` and the optimiser's step."""

    def on_step_end(self, run: "Run") -> None:
        """After a step, taken or skipped."""

    def on_train_end(self, run: "Run") -> None:
        """Between an epoch's last step and the validation."""

    def on_epoch_end(self, run: "Run") -> None:
        """After the validation."""

    def on_fit_end(self, run: "Run") -> None:
        """After the last epoch."""

    def state_dict(self) -> dict[str, Any]:
        """Return what a resumed run must know."""
        return {}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take back what :meth:`state_dict` gave."""


MOMENTS = tuple(name for name in vars(Callback) if name.startswith("on_"))


@dataclass(eq=False)
class Run:
    """A training run: what :func:`fit` works on and callbacks see.

    Attributes:
        stepper: takes the optimiser's steps; has the network, the optimiser, the
            gradients' norm and the loss scaler.
        scheduler: of the learning rate, or ``None``.
        train_loader: the training batches.
        epochs: how many there will be at most.
        epoch: the running one, from 1; between epochs the last one.
        step: optimiser steps so far in the whole run, skipped ones included.
        lr: learning rate of the last step, before the schedule moved.
        history: one record per finished epoch.
        metrics: numbers that callbacks add to this epoch's record; of several
            processes, those of rank 0 count.
        remarks: sentences of callbacks that nobody has said yet.
        stop: why the run ends after this epoch; ``None`` goes on.
        finished: whether the weights are no longer those of the last epoch, so that
            the run cannot be resumed.
    """

    stepper: Stepper
    scheduler: LRScheduler | None
    schedule_per: Literal["step", "epoch"]
    train_loader: Batches
    val_loader: Batches
    epochs: int
    callbacks: Sequence[Callback]
    progress: bool
    epoch: int = 0
    step: int = 0
    lr: float = math.nan
    history: list[Epoch] = field(default_factory=list)
    metrics: dict[str, float] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)
    stop: str | None = None
    finished: bool = False

    def __post_init__(self) -> None:
        """Find out which callback listens to what."""
        self.network = self.stepper.network
        self.optimizer = self.stepper.optimizer
        self._listeners = {
            moment: [
                getattr(callback, moment)
                for callback in self.callbacks
                if getattr(type(callback), moment) is not getattr(Callback, moment)
            ]
            for moment in MOMENTS
        }

    def tell(self, moment: str) -> None:
        """Call the callbacks that overwrite this method."""
        for method in self._listeners[moment]:
            method(self)

    def train_epoch(self) -> tuple[float, int]:
        """Pass once over the training images.

        Returns:
            The mean loss over the images of the steps taken, in nats, and the
            number of steps skipped.

        Raises:
            ValueError: if the training loader is empty.
        """
        stepper = self.stepper
        losses: list[Tensor] = []
        sizes: list[int] = []
        steps = taken = 0
        look: Callable[[], None] | None = None
        if self._listeners["on_gradients"]:
            look = lambda: self.tell("on_gradients")  # noqa: E731
        stepper.model.train()
        for batches, count in self._steps():
            self.tell("on_step_start")
            self.lr = self.optimizer.param_groups[0]["lr"]
            if stepper.step(batches, count, look):
                taken += 1
                losses += stepper.losses
                sizes += stepper.sizes
            steps += 1
            self.step += 1
            self.tell("on_step_end")
        if steps == 0:
            raise ValueError("the training loader gave no batch")
        mean = math.nan
        if losses:
            weights = torch.tensor(sizes, dtype=torch.float32) / sum(sizes)
            mean = (torch.stack(losses).cpu().float() * weights).sum().item()
        mean = distributed.mean(mean, sum(sizes), stepper.device)
        return mean, steps - taken

    def _steps(self) -> Iterator[tuple[Batches, int]]:
        """Yield the batches of each step, and how many they are."""
        size, batches = self.stepper.accumulate, self.train_loader
        # Without accumulation every batch is a step, and no length is needed.
        left = len(batches) if size > 1 else math.inf  # type: ignore[arg-type]
        if self.progress:
            label = f"epoch {self.epoch}/{self.epochs}"
            batches = tqdm(batches, desc=label, leave=False)
        rest = iter(batches)
        for first in rest:
            yield chain([first], islice(rest, size - 1)), int(min(size, left))
            left -= size

    def run_epoch(self) -> None:
        """Train for an epoch, validate, and add the record to ``history``.

        Raises:
            FloatingPointError: if the epoch's mean loss is not finite.
        """
        start = time.perf_counter()
        self.epoch += 1
        self.metrics = {}
        sampler: Any = getattr(self.train_loader, "sampler", None)
        if hasattr(sampler, "set_epoch"):
            sampler.set_epoch(self.epoch)
        self.tell("on_epoch_start")
        train_loss, skipped = self.train_epoch()
        self.tell("on_train_end")
        if not math.isfinite(train_loss):
            raise FloatingPointError(
                f"the training loss of epoch {self.epoch} is {train_loss}: lower the "
                "learning rate, or look for bad values in the data"
            )
        distributed.agree_on_buffers(self.network)
        answers = collect(self.network, self.val_loader, self.stepper.device)
        record = Epoch(
            number=self.epoch,
            train_loss=train_loss,
            val_loss=answers.loss,
            val_accuracy=answers.accuracy,
            lr=self.lr,
            seconds=time.perf_counter() - start,
            skipped=skipped,
            metrics=self.metrics,
        )
        # Callbacks and the schedule decide by these numbers: the same in each process.
        self.history.append(distributed.from_first(record))
        if isinstance(self.scheduler, ReduceLROnPlateau):
            self.scheduler.step(self.history[-1].val_loss)
        elif self.scheduler is not None and self.schedule_per == "epoch":
            self.scheduler.step()
        self.tell("on_epoch_end")

    def goes_on(self) -> bool:
        """Return whether another epoch comes; every process must ask.

        What stops one process stops all: they could not train without it.
        """
        reasons = distributed.gather(self.stop)
        self.stop = next((r for r in reasons if r is not None), None)
        return self.epoch < self.epochs and self.stop is None

    def state_dict(self) -> dict[str, Any]:
        """Return everything that a resumed run needs, between two epochs.

        Every process must call it, for the random numbers of all are kept.
        """
        self.goes_on()  # a reason to stop may be another process's
        state: dict[str, Any] = {
            key: part.state_dict() for key, part in self._parts().items()
        }
        generator = getattr(self.train_loader, "generator", None)
        return state | {
            "epoch": self.epoch,
            "step": self.step,
            "history": [asdict(record) for record in self.history],
            "stop": self.stop,
            "finished": self.finished,
            "loader": generator and generator.get_state(),
            "rng": distributed.gather(randomness.rng_state(self.stepper.device)),
            "callbacks": {k: v.state_dict() for k, v in self._named().items()},
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Continue where :meth:`state_dict` was called, bit for bit on a CPU.

        With another number of processes the global generators start anew. Where
        workers of the loader live on between epochs and draw numbers of their own,
        only those that follow from the epoch come again, as with
        :func:`helpers.data.loading.make_loader`.

        Raises:
            UserError: if the state is that of another network, optimiser, schedule
                or precision, or of no run at all.
        """
        try:
            for key, part in self._parts().items():
                part.load_state_dict(state[key])
            for key, callback in self._named().items():
                callback.load_state_dict(state["callbacks"].get(key, {}))
            self.epoch, self.step = state["epoch"], state["step"]
            self.history = [Epoch(**record) for record in state["history"]]
            self.stop, self.finished = state["stop"], state["finished"]
            generator = getattr(self.train_loader, "generator", None)
            if generator is not None and state["loader"] is not None:
                generator.set_state(state["loader"])
            rng = state["rng"]
        except (KeyError, RuntimeError, ValueError, TypeError) as error:
            reason = str(error).strip().splitlines()[0].rstrip(":")
            raise UserError(
                f"The checkpoint does not fit this run ({reason}): start with the "
                "network, optimiser, schedule and precision that it was made with."
            ) from error
        if len(rng) == distributed.processes():
            randomness.set_rng_state(rng[distributed.world().rank], self.stepper.device)

    def _parts(self) -> dict[str, Any]:
        """Return what has a state of its own, by its key in a checkpoint."""
        parts = {
            "model": self.network,
            "optimizer": self.optimizer,
            "scheduler": self.scheduler,
            "scaler": self.stepper.scaler,
        }
        return {key: part for key, part in parts.items() if part is not None}

    def _named(self) -> dict[str, Callback]:
        """Name each callback by its class, later ones of a class with a number."""
        named: dict[str, Callback] = {}
        for callback in self.callbacks:
            name = type(callback).__name__
            same = sum(key.split(" ")[0] == name for key in named)
            named[f"{name} {same + 1}" if same else name] = callback
        return named


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
        callbacks: see the head of this module for when they are called, and
            :mod:`helpers.training.callbacks` for those that exist.
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
        scheduler=scheduler if schedule_per == "step" else None,
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
