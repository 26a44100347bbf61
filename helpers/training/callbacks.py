"""What can be added to a training run: stop it in time, watch it, write it down.

When each method of a callback is called stands at the head of
:mod:`helpers.training.fit`. Order matters in one place: :class:`Checkpoint` saves what
the callbacks before it have decided, so it comes after :class:`EarlyStopping`; what
:class:`Report` says after it is saved already.
"""

import csv
import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import torch
from torch import Tensor

from helpers.distributed import anywhere, gather, is_main
from helpers.errors import UserError
from helpers.model.checkpoint import save_checkpoint
from helpers.training.fit import Callback, Run
from helpers.writing import replacing


class Report(Callback):
    """Say one line per epoch, and what callbacks have remarked on it.

    Args:
        say: takes a line.
    """

    def __init__(self, say: Callable[[str], None] = print) -> None:
        self.say = say

    def on_epoch_end(self, run: Run) -> None:
        """Say the epoch's record."""
        if is_main():
            self.say(str(run.history[-1]))
        self.on_fit_end(run)

    def on_fit_end(self, run: Run) -> None:
        """Say what has not been said."""
        for remark in run.remarks:
            if is_main():
                self.say(f"    {remark}")
        run.remarks.clear()


class EarlyStopping(Callback):
    """End a run that no longer improves, and give back its best weights.

    An epoch improves if its number is better than the best one so far by more
    than ``min_delta``. A number that is not finite never is. After ``patience``
    epochs in a row without improvement the run stops; ``ReduceLROnPlateau`` waits
    for one more.

    Args:
        monitor: a number of the epoch's record: ``"val_loss"``, ``"train_loss"``,
            ``"val_accuracy"``, or the name of a callback's metric.
        mode: ``"min"`` if smaller is better, ``"max"`` if larger is.
        min_delta: what counts as more than noise, in the unit of ``monitor``.
        patience: epochs without improvement that end the run, at least 1.
        restore_best: put the weights of the best epoch back at the end, BatchNorm's
            running statistics included; they are copied when they are made.

    Attributes:
        best: the best number so far, ``None`` before the first finite one.
        best_epoch: where it was found.
        waited: epochs since then.

    Raises:
        ValueError: if an argument has no meaning.
    """

    def __init__(
        self,
        monitor: str = "val_loss",
        mode: Literal["min", "max"] = "min",
        *,
        min_delta: float = 0.0,
        patience: int,
        restore_best: bool = True,
    ) -> None:
        if mode not in ("min", "max"):
            raise ValueError(f"mode is 'min' or 'max', not {mode!r}")
        if patience < 1 or not min_delta >= 0:
            raise ValueError("patience is at least 1 and min_delta at least 0")
        self.monitor = monitor
        self.mode = mode
        self.min_delta = min_delta
        self.patience = patience
        self.restore_best = restore_best
        self.best: float | None = None
        self.best_epoch = 0
        self.waited = 0
        self.best_weights: dict[str, Tensor] = {}

    def improves(self, value: float) -> bool:
        """Whether a number beats the best so far; one that is not finite never does."""
        if not math.isfinite(value):
            return False  # every comparison with NaN is False: ask first
        if self.best is None:
            return True
        gain = self.best - value if self.mode == "min" else value - self.best
        return gain > self.min_delta

    def on_epoch_end(self, run: Run) -> None:
        """Decide, and remark why.

        Raises:
            ValueError: if the record has no number of the monitored name.
        """
        numbers = run.history[-1].flat()
        if self.monitor not in numbers:
            raise ValueError(
                f"there is no {self.monitor!r} to monitor; there are {sorted(numbers)}"
            )
        value = numbers[self.monitor]
        what = f"{self.monitor} {value:.4f}"
        if self.improves(value):
            before = (
                "the first" if self.best is None else f"better than {self.best:.4f}"
            )
            decision = f"{what} is {before}: the weights are kept"
            self.best, self.best_epoch, self.waited = value, run.epoch, 0
            if self.restore_best:  # copies: the dictionary alone would train on
                state = run.network.state_dict()
                self.best_weights = {k: v.clone() for k, v in state.items()}
        else:
            self.waited += 1
            best = "a finite number"
            if self.best is not None:
                best = f"{self.best:.4f} of epoch {self.best_epoch}"
                if self.min_delta:
                    best += f" by more than {self.min_delta:g}"
            decision = f"{what} is not better than {best}: {self.waited} of "
            decision += f"{self.patience} epochs without improvement"
            if self.waited >= self.patience:
                run.stop = f"{self.monitor} has not improved for {self.waited} epochs"
                decision += ", stop"
        run.remarks.append(decision)

    def on_fit_end(self, run: Run) -> None:
        """Put the best weights back."""
        if self.best_weights and self.best_epoch != run.epoch:
            run.network.load_state_dict(self.best_weights)
            run.finished = True
            run.remarks.append(f"the weights of epoch {self.best_epoch} are back")

    def state_dict(self) -> dict[str, Any]:
        """Return the best number and weights, and how long ago they were found."""
        keys = ("best", "best_epoch", "waited", "best_weights")
        return {key: getattr(self, key) for key in keys}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take back what :meth:`state_dict` gave."""
        vars(self).update(state)


class GradientMonitor(Callback):
    """Log the norm of the gradients, and act when it is not finite.

    On a GPU it costs one wait a step: for the norm of all parameters together,
    not one per parameter (note 7). The epoch's record gets ``grad_norm``, the mean
    of the epoch's finite norms. Several processes exchange a number or two a step,
    so that what only one of them sees, a NaN in its images, counts for all.

    With float16 the gradients of a finite loss may overflow because of the loss
    scale. The scaler answers by skipping the step and halving the scale; such a step
    counts as an error only when the scale has fallen below 1. A loss that is not
    finite has nothing to do with the scale.

    Args:
        on_nonfinite: ``"stop"`` ends the run with an error that names parameters;
            ``"skip"`` leaves the model as it was before the step, BatchNorm's
            running statistics included, and goes on.

    Attributes:
        norms: one per step, before clipping, in the unit of the loss; ``inf`` or
            ``nan`` where they were.
        bad_steps: numbers of the steps that were not finite, counted from 0.
    """

    def __init__(self, on_nonfinite: Literal["stop", "skip"] = "stop") -> None:
        if on_nonfinite not in ("stop", "skip"):
            raise ValueError(f"on_nonfinite is 'stop' or 'skip', not {on_nonfinite!r}")
        self.on_nonfinite = on_nonfinite
        self.norms: list[float] = []
        self.bad_steps: list[int] = []
        self._first = 0  # of this epoch, in norms
        self._buffers: list[Tensor] = []

    def on_epoch_start(self, run: Run) -> None:
        """Remember where the epoch's norms begin."""
        self._first = len(self.norms)

    def on_step_start(self, run: Run) -> None:
        """Copy the running statistics: a NaN enters them in the forward pass."""
        if self.on_nonfinite == "skip":
            self._buffers = [buffer.clone() for buffer in run.network.buffers()]

    def on_gradients(self, run: Run) -> None:
        """Look at the norm.

        Raises:
            FloatingPointError: if it is not finite and that is to end the run.
        """
        norm = run.stepper.grad_norm.item()  # type: ignore[union-attr]
        self.norms.append(norm)
        device = run.stepper.device
        if not anywhere(not math.isfinite(norm), device):
            return
        self.bad_steps.append(run.step)
        scaler = run.stepper.scaler
        losses = torch.stack(run.stepper.losses)  # of this process's images
        bad_loss = anywhere(not losses.isfinite().all(), device)
        if scaler is not None and scaler.get_scale() >= 1 and not bad_loss:
            return  # an overflow: the scaler skips this step by itself
        if self.on_nonfinite == "stop":
            raise FloatingPointError(self.explain(run))
        run.stepper.skip()
        for buffer, before in zip(run.network.buffers(), self._buffers, strict=True):
            buffer.copy_(before)

    def explain(self, run: Run) -> str:
        """Return which gradients are not finite, and what to do about it."""
        grads = [(n, p.grad) for n, p in run.network.named_parameters()]
        there = [(name, grad) for name, grad in grads if grad is not None]
        bad = [name for name, grad in there if not grad.isfinite().all()]
        if not bad:  # each number is finite, the sum of their squares is not
            bad = [max(there, key=lambda pair: pair[1].abs().max().item())[0]]
        return (
            f"In step {run.step} (epoch {run.epoch}) the gradients of {len(bad)} of "
            f"{len(there)} parameters are not finite, nearest to the loss that of "
            f"{bad[-1]}: look for bad values in the data, or lower the learning rate."
        )

    def on_train_end(self, run: Run) -> None:
        """Add their mean to the epoch's record."""
        norms = [n for n in self.norms[self._first :] if math.isfinite(n)]
        if norms:
            run.metrics["grad_norm"] = sum(norms) / len(norms)


class Log(Callback):
    """Write every epoch's numbers to a file that programs can read.

    The file is replaced as a whole after each epoch, so it is always complete and
    a resumed run leaves no epoch twice. A resumed run writes it at once, from the
    checkpoint's history: the old file may be damaged or gone.

    Args:
        path: ``.csv`` for a table with one line an epoch, ``.jsonl`` for one JSON
            object a line.

    Raises:
        UserError: if the ending is another.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        if self.path.suffix not in (".csv", ".jsonl"):
            raise UserError(f"A log ends in .csv or .jsonl, which {path} does not.")

    def on_fit_start(self, run: Run) -> None:
        """Write the epochs of the run that is resumed."""
        if run.history:
            self.on_epoch_end(run)

    def on_epoch_end(self, run: Run) -> None:
        """Write all epochs so far."""
        if not is_main():
            return
        rows = [record.flat() for record in run.history]
        with (
            replacing(self.path) as temporary,
            open(temporary, "w", newline="") as file,
        ):
            if self.path.suffix == ".csv":
                names = dict.fromkeys(name for row in rows for name in row)
                writer = csv.DictWriter(file, list(names))
                writer.writeheader()
                writer.writerows(rows)
            else:  # JSON knows no NaN
                for row in rows:
                    finite = {
                        k: v if math.isfinite(v) else None for k, v in row.items()
                    }
                    file.write(json.dumps(finite) + "\n")


class Checkpoint(Callback):
    """Save everything after each epoch, so that a killed run loses one at most.

    Args:
        path: the file, see :func:`helpers.model.checkpoint.save_checkpoint`.
        about: further entries: classes, normalisation, the data set's name.
    """

    def __init__(self, path: str | Path, about: dict[str, Any] | None = None) -> None:
        self.path = Path(path)
        self.about = about or {}

    def on_epoch_end(self, run: Run) -> None:
        """Save the run.

        Raises:
            FloatingPointError: if the network has broken down; the file stays as it
                was.
        """
        state = run.state_dict()  # in every process: it gathers random states
        if is_main():
            save_checkpoint(self.path, self.about | state)

    def on_fit_end(self, run: Run) -> None:
        """Save once more if the best weights were put back after the last epoch."""
        if any(gather(run.finished)):  # in every process, as on_epoch_end
            self.on_epoch_end(run)
