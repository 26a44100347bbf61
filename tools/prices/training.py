"""A run without a slip: plain PyTorch, one method for each decision.

A slip is a subclass that overwrites one of them. Both runs of a pair start from the
same seed, so they see the same images in the same order, cropped and flipped alike.
"""

import copy
import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import CosineAnnealingLR, LRScheduler

from prices.tasks import BATCH, Task

ALL, SCRATCH = ("solids", "cells", "tuned"), ("solids", "cells")  # keys of tasks


@dataclass
class Outcome:
    """What a run gave.

    Attributes:
        value: what is said of the network after the last epoch, in percent.
        fair: what would be said of the same answers without the slip, if that is
            not what another run gives.
        train_losses, val_losses: one mean an epoch, in nats, as the run logs them.
    """

    value: float
    fair: float | None = None
    train_losses: list[float] = field(default_factory=list)
    val_losses: list[float] = field(default_factory=list)


def mean_recall(logits: Tensor, targets: Tensor) -> float:
    """Return the mean over the classes of the share that was found, in percent.

    Args:
        logits: ``[N, C]``; if one is not finite, the result is that of guessing.
        targets: ``[N]``, of two classes or more.
    """
    if not logits.isfinite().all():
        return 100 / logits.shape[1]
    right = (logits.argmax(1) == targets).double()  # [N, C] -> [N]
    found = [right[targets == label].mean() for label in targets.unique()]
    return 100 * torch.stack(found).mean().item()


class Described:
    """What the page says of a slip, and where it makes sense.

    Attributes:
        says: the row's name.
        right: what the run without the slip does.
        page: the chapter, without a suffix.
        tasks: keys of those on which it is tried.
        without: the run to compare with; ``None`` for a run without a slip.
    """

    says: ClassVar[str]
    right: ClassVar[str]
    page: ClassVar[str]
    tasks: ClassVar[tuple[str, ...]] = ALL
    without: ClassVar[type | None] = None


class Training:
    """A run; the methods say how it decides.

    Args:
        task: data and network.
        seed: of the network's weights, the order of the images, and their crops.
        device: on which it runs.
    """

    def __init__(self, task: Task, seed: int, device: str = "cpu") -> None:
        torch.manual_seed(seed)
        self.task, self.seed, self.device = task, seed, device
        self.model: Any = self.network().to(device)
        torch.manual_seed(seed)  # networks of two kinds draw differently
        self.optimizer = self.make_optimizer()
        self.scheduler = self.make_scheduler()
        self.steps = 0

    # --- what a slip may overwrite ---------------------------------------------

    def network(self) -> nn.Module:
        """Return a new network."""
        return self.task.make_network()

    def make_optimizer(self) -> Optimizer:
        """Return the optimiser of all weights."""
        return torch.optim.AdamW(self.model.parameters(), self.task.lr)

    def make_scheduler(self) -> LRScheduler:
        """Return the schedule of the rate, which is asked after each epoch."""
        return CosineAnnealingLR(self.optimizer, T_max=self.task.epochs)

    def train_inputs(self, chosen: Tensor) -> Tensor:
        """Return normalised training images, drawn anew."""
        return self.task.inputs(self.task.train, chosen, self.task.stats, draw=True)

    def val_inputs(self, chosen: Tensor) -> Tensor:
        """Return normalised validation images."""
        return self.task.inputs(self.task.val, chosen, self.task.stats)

    def answer(self, inputs: Tensor) -> Tensor:
        """Return what the network hands to the loss, ``[N, C]``."""
        return self.model(inputs)

    def update(self, loss: Tensor) -> None:
        """Go from a loss to new weights."""
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()

    def before_epoch(self, epoch: int) -> None:
        """Do what comes before an epoch's first batch; epochs count from 1."""
        self.model.train()

    def after_epoch(self) -> None:
        """Move the schedule."""
        self.scheduler.step()

    # --- what stays ------------------------------------------------------------

    def train_epoch(self) -> float:
        """Pass once over the training images; return the mean loss."""
        count = len(self.task.train.targets)
        order = torch.randperm(count)
        full = order[: max(count // BATCH, 1) * BATCH]  # no short last batch
        losses = []
        for chosen in full.split(BATCH):
            inputs = self.train_inputs(chosen).to(self.device)
            targets = self.task.train.targets[chosen].to(self.device)
            loss = F.cross_entropy(self.answer(inputs), targets)
            self.update(loss)
            losses.append(loss.detach())
            self.steps += 1
        return torch.stack(losses).mean().item()

    def predict(
        self, inputs: Callable[[Tensor], Tensor] | None = None, mode: str = "eval"
    ) -> tuple[Tensor, Tensor]:
        """Return what the loss gets for the validation images, and their targets.

        Args:
            inputs: what the network takes for some images; ``None``: normalised.
            mode: of the network, ``"eval"`` or ``"train"``.
        """
        getattr(self.model, mode)()
        targets = self.task.val.targets
        with torch.no_grad():
            parts = [
                self.answer((inputs or self.val_inputs)(chosen).to(self.device)).cpu()
                for chosen in torch.arange(len(targets)).split(BATCH)
            ]
        return torch.cat(parts), targets

    def value(self, logits: Tensor, targets: Tensor) -> float:
        """Return the mean recall of the classes, in percent."""
        return mean_recall(logits, targets)

    def fair(self, logits: Tensor, targets: Tensor) -> float | None:
        """Return the value without the slip, if another run doesn't give it."""

    def epochs(self) -> Iterator[float]:
        """Train; after each epoch, yield its mean loss."""
        for epoch in range(1, self.task.epochs + 1):
            self.before_epoch(epoch)
            yield self.train_epoch()
            self.after_epoch()


class Look(Described):
    """A slip that shows only in a trained network: a run may have many looks.

    Attributes:
        training: the run that is looked at, of the class ``without``.
        at_end: whether it comes after the training, and not after each epoch.
    """

    at_end: ClassVar[bool] = False

    def __init__(self, training: Training) -> None:
        self.training = training

    def predict(self) -> tuple[Tensor, Tensor]:
        """Return what the loss gets, ``[N, C]``, and the targets ``[N]``."""
        return self.training.predict()

    def value(self, logits: Tensor, targets: Tensor) -> float:
        """Return the mean recall of the classes, in percent."""
        return mean_recall(logits, targets)

    def fair(self, logits: Tensor, targets: Tensor) -> float | None:
        """Return the value without the slip, if the run itself doesn't give it."""


def run(training: Training, looks: Iterable[Look] = ()) -> list[Outcome]:
    """Train, and validate after each epoch.

    Args:
        looks: ways of validating that hold a slip. They draw from a copy of the
            random numbers and work on a copy of the network, so the run is the same
            with them and without.

    Returns:
        The run's outcome, then one for each look.
    """
    ways: list[Training | Look] = [training, *looks]
    outcomes = [Outcome(math.nan) for _ in ways]
    for epoch, train_loss in enumerate(training.epochs(), start=1):
        model = training.model
        for way, outcome in zip(ways, outcomes, strict=True):
            outcome.train_losses.append(train_loss)
            at_end = isinstance(way, Look) and way.at_end
            if at_end and epoch < training.task.epochs:
                outcome.val_losses.append(outcomes[0].val_losses[-1])
                continue
            if way is not training:
                training.model = copy.deepcopy(model)
            with torch.random.fork_rng():
                logits, targets = way.predict()
                outcome.value = way.value(logits, targets)
                outcome.fair = way.fair(logits, targets)
            training.model = model
            loss = F.cross_entropy(logits, targets).item()
            outcome.val_losses.append(outcomes[0].val_losses[-1] if at_end else loss)
    return outcomes
