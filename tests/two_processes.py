"""What each of two processes does in ``test_distributed.py``."""

import contextlib
import os

import torch
from torch import nn
from torch.optim import SGD
from torch.optim.lr_scheduler import ReduceLROnPlateau
from torch.utils.data import TensorDataset

from helpers import distributed
from helpers.data.loading import make_loader
from helpers.evaluation.predictions import collect
from helpers.model.checkpoint import load_checkpoint
from helpers.training.callbacks import (
    Checkpoint,
    EarlyStopping,
    GradientMonitor,
    Report,
)
from helpers.training.fit import Callback, fit
from toys import LOSS

IMAGES, BATCH, EPOCHS = 27, 8, 2
VAL = 13  # two processes hold 7 and 6 of them


def variables(rank, local_rank, port):
    """Return the variables that ``torchrun`` sets in one of the processes."""
    return {
        "TORCHELASTIC_RUN_ID": "none",
        "RANK": str(rank),
        "WORLD_SIZE": "2",
        "LOCAL_RANK": str(local_rank),
        "MASTER_ADDR": "127.0.0.1",
        "MASTER_PORT": str(port),
    }


def start(rank, folder, environments, function, arguments):
    """Call a function in one of the processes; what it prints goes to RANK.txt."""
    os.environ.update(environments[rank])
    with (
        open(folder / f"{rank}.txt", "w") as file,
        contextlib.redirect_stdout(file),
    ):
        function(*arguments[rank])


def make_data():
    """Return training and validation images, the same in every process."""
    generator = torch.Generator().manual_seed(0)
    images = torch.randn(IMAGES + VAL, 3, 6, 6, generator=generator)
    targets = torch.randint(0, 3, (IMAGES + VAL,), generator=generator)
    return (
        TensorDataset(images[:IMAGES], targets[:IMAGES]),
        TensorDataset(images[IMAGES:], targets[IMAGES:]),
    )


def make_network(batch_norm=False):
    """Return a small network; BatchNorm would see the share of each process."""
    torch.manual_seed(0)
    norm = nn.BatchNorm2d(4) if batch_norm else nn.Identity()
    return nn.Sequential(
        nn.Conv2d(3, 4, 3), norm, nn.ReLU(), nn.Flatten(), nn.Linear(64, 3)
    )


class Gradients(Callback):
    """Keeps the gradients of every step, and the decisions that follow from them."""

    def __init__(self):
        self.steps = []

    def on_gradients(self, run):
        self.steps.append([g.clone() for g in run.stepper.gradients()])


def train(folder, world, accumulate=1):
    """Fit without BatchNorm and return what must agree with one process."""
    device = torch.device("cpu")
    train_set, val_set = make_data()
    loaders = [
        make_loader(part, BATCH, train=training_split, world=world)
        for part, training_split in ((train_set, True), (val_set, False))
    ]
    network, gradients, said = make_network(), Gradients(), []
    path = folder / f"saved_{accumulate}.pt"
    history = fit(
        distributed.wrap(network, device), *loaders, epochs=EPOCHS,
        optimizer=SGD(network.parameters(), 0.1, momentum=0.9), loss_fn=LOSS,
        accumulate=accumulate, max_norm=0.5, progress=False,
        callbacks=[gradients, GradientMonitor(), Checkpoint(path), Report(said.append)],
    )  # fmt: skip
    answers = collect(network, loaders[1])
    return {
        "gradients": gradients.steps,
        "weights": list(network.state_dict().values()),
        "history": [record.flat() for record in history],
        "logits": answers.logits,
        "targets": answers.targets,
        "said": said,
    }


def statistics(world):
    """Train with BatchNorm; return its statistics and the validation loss."""
    train_set, val_set = make_data()
    network = make_network(batch_norm=True)
    history = fit(
        distributed.wrap(network, torch.device("cpu")),
        make_loader(train_set, BATCH, train=True, world=world),
        make_loader(val_set, BATCH, train=False, world=world),
        epochs=1, optimizer=SGD(network.parameters(), 0.1), loss_fn=LOSS,
        progress=False,
    )  # fmt: skip
    return {"mean": network[1].running_mean, "val_loss": history[0].val_loss}


def decide(world, folder=None, *, callbacks, poisoned=False, epochs=2, **changes):
    """Train a linear layer; return what the processes must have agreed on.

    Args:
        folder: for a checkpoint, or ``None``.
        poisoned: put a NaN into one training image: one process meets it.
    """
    train_set, _ = make_data()
    if poisoned:
        train_set.tensors[0][3] = torch.nan
    torch.manual_seed(0)
    network = nn.Sequential(nn.Flatten(), nn.Linear(108, 3))
    optimizer = SGD(network.parameters(), 0.1)
    # Not split: each process has a validation set of its own, NaN in the second.
    val_set = TensorDataset(torch.full((4, 3, 6, 6), 1.0 if world.rank == 0 else
                                       torch.nan), torch.zeros(4).long())  # fmt: skip
    if folder is not None:
        callbacks = [*callbacks, Checkpoint(folder / "decided.pt")]
    steps, error = Steps(), None
    try:
        history = fit(
            distributed.wrap(network, torch.device("cpu")),
            make_loader(train_set, BATCH, train=True, world=world),
            make_loader(val_set, BATCH, train=False),
            epochs=epochs, optimizer=optimizer, loss_fn=LOSS, progress=False,
            scheduler=ReduceLROnPlateau(optimizer, patience=0), schedule_per="epoch",
            callbacks=[*callbacks, steps], **changes,
        )  # fmt: skip
    except FloatingPointError as found:
        history, error = [], str(found)
    return {
        "weights": list(network.state_dict().values()),
        "scales": steps.scales,
        "history": [record.flat() for record in history],
        "lr": optimizer.param_groups[0]["lr"],
        "error": error,
    }


class Steps(Callback):
    """Keeps the loss scale after each step."""

    def __init__(self):
        self.scales = []

    def on_step_end(self, run):
        scaler = run.stepper.scaler
        self.scales.append(scaler.get_scale() if scaler else None)


class Loner(Callback):
    """Decides in the second process alone."""

    def __init__(self, world, what):
        self.decides, self.what = world.rank == 1, what

    def on_gradients(self, run):
        if self.decides and self.what == "skip" and run.step == 1:
            run.stepper.skip()

    def on_step_end(self, run):
        if self.decides and self.what == "stop":
            run.stop = "enough"

    def on_train_end(self, run):
        if self.what == "metric":  # in the second process it grows
            run.metrics["own"] = float(run.epoch if self.decides else -run.epoch)


def decisions(world, folder):
    """What one process alone sees or wants, and what becomes of it in both."""
    stopping = EarlyStopping("own", patience=1)
    return {
        "nan skipped": decide(world, callbacks=[GradientMonitor("skip")],
                              poisoned=True, precision="float16"),
        "nan stops": decide(world, callbacks=[GradientMonitor()], poisoned=True,
                            precision="float16"),
        "skip": decide(world, callbacks=[Loner(world, "skip")]),
        "stop": decide(world, folder, callbacks=[Loner(world, "stop")], epochs=5),
        "metric": decide(world, callbacks=[Loner(world, "metric"), stopping],
                         epochs=4),
    }  # fmt: skip


def find(folder):
    """Write to FOLDER/RANK.pt what this process finds."""
    with distributed.session(torch.device("cpu")) as here:
        found = {
            "world": tuple(here),
            "one": train(folder, here),
            "two": train(folder, here, accumulate=2),
            "statistics": statistics(here),
            "decisions": decisions(here, folder),
            "stop in the checkpoint": distributed.from_first(
                load_checkpoint(folder / "decided.pt")["stop"] if here.rank == 0
                else None),
            "weighted mean": distributed.mean(float(here.rank), here.rank + 1,
                                              torch.device("cpu")),
            "from the first": distributed.from_first(f"of rank {here.rank}"),
        }  # fmt: skip
    torch.save(found, folder / f"{here.rank}.pt")
