"""What each of two processes does in ``test_distributed.py``; ``torchrun`` starts it.

Every process writes what it found to FOLDER/RANK.pt.
"""

import sys
from pathlib import Path

import torch
from torch import nn
from torch.optim import SGD
from torch.utils.data import TensorDataset

from helpers import data, distributed, evaluation, training
from helpers.callbacks import Checkpoint, GradientMonitor, Report
from helpers.runs import Callback
from toys import LOSS

IMAGES, BATCH, EPOCHS = 27, 8, 2
VAL = 13  # two processes hold 7 and 6 of them


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
        data.make_loader(part, BATCH, train=training_split, world=world)
        for part, training_split in ((train_set, True), (val_set, False))
    ]
    network, gradients, said = make_network(), Gradients(), []
    path = folder / f"saved_{accumulate}.pt"
    history = training.fit(
        distributed.wrap(network, device), *loaders, epochs=EPOCHS,
        optimizer=SGD(network.parameters(), 0.1, momentum=0.9), loss_fn=LOSS,
        accumulate=accumulate, max_norm=0.5, progress=False,
        callbacks=[gradients, GradientMonitor(), Checkpoint(path), Report(said.append)],
    )  # fmt: skip
    answers = evaluation.collect(network, loaders[1])
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
    history = training.fit(
        distributed.wrap(network, torch.device("cpu")),
        data.make_loader(train_set, BATCH, train=True, world=world),
        data.make_loader(val_set, BATCH, train=False, world=world),
        epochs=1, optimizer=SGD(network.parameters(), 0.1), loss_fn=LOSS,
        progress=False,
    )  # fmt: skip
    return {"mean": network[1].running_mean, "val_loss": history[0].val_loss}


if __name__ == "__main__":
    target = Path(sys.argv[1])
    with distributed.session(torch.device("cpu")) as here:
        found = {
            "world": tuple(here),
            "one": train(target, here),
            "two": train(target, here, accumulate=2),
            "statistics": statistics(here),
            "weighted mean": distributed.mean(float(here.rank), here.rank + 1,
                                              torch.device("cpu")),
            "from the first": distributed.from_first(f"of rank {here.rank}"),
        }  # fmt: skip
    torch.save(found, target / f"{here.rank}.pt")
