"""Small data, models and runs that several test files share."""

import multiprocessing
import os
import socket
import subprocess
import sys
from functools import cache
from pathlib import Path

import torch
from click.testing import CliRunner
from torch import nn
from torch.optim import SGD

from helpers.__main__ import main
from helpers.notebook import evidence
from helpers.training.fit import fit as program_fit
from patience import HANGS

LOSS = nn.functional.cross_entropy


def separable(batches=5, n=8, last=3):
    """Return batches of points that a linear model can tell apart; a short last."""
    generator = torch.Generator().manual_seed(0)
    sizes = [n] * (batches - 1) + [last]
    made = []
    for size in sizes:
        targets = torch.randint(0, 2, (size,), generator=generator)
        images = torch.randn(size, 3, 4, 4, generator=generator)
        images[:, 0] += 2.0 * targets.view(-1, 1, 1) - 1
        made.append((images, targets))
    return made


def linear():
    torch.manual_seed(0)
    return nn.Sequential(nn.Flatten(), nn.Linear(48, 2))


def same_weights(one, other):
    """Whether two models are equal bit for bit, buffers included."""
    first, second = one.state_dict(), other.state_dict()
    return first.keys() == second.keys() and all(
        torch.equal(first[key], second[key]) for key in first
    )


def convolutional(*before_linear):
    """Return a network with BatchNorm for the images of :func:`separable`."""
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), *before_linear, nn.Flatten(),
        nn.Linear(16, 2),
    )  # fmt: skip


def fit(model=None, callbacks=(), batches=None, **changes):
    """Fit a model to points, validate on the same, and return the records."""
    model = linear() if model is None else model
    arguments = {
        "epochs": 3,
        "optimizer": SGD(model.parameters(), 0.1),
        "loss_fn": LOSS,
        "progress": False,
    } | changes
    batches = separable() if batches is None else batches
    return program_fit(model, batches, separable(), callbacks=callbacks, **arguments)


class Bomb:
    """Would run code when it is unpickled without care."""

    def __reduce__(self):
        return os.mkdir, ("exploded",)


def call(*arguments):
    """Run the command in this process; exceptions are the test's failure."""
    return CliRunner().invoke(main, [str(a) for a in arguments], catch_exceptions=False)


def train_options(root, out, *more, epochs=2, batch=8):
    """Return the words after ``helpers`` that train a very small network."""
    words = [
        "train", root, "--epochs", epochs, "--size", 16, "--width", 4,
        "--batch-size", batch, "--device", "cpu", "--out", out, *more,
    ]  # fmt: skip
    return [str(word) for word in words]


def train_command(*arguments, **changes):
    """Return the whole command of :func:`train_options`, for a process."""
    python = sys.executable, "-u", "-m", "helpers"
    return [*python, *train_options(*arguments, **changes)]


def run_command(*options):
    """Run the command as ``python -m helpers`` does; for a process of its own."""
    main(options, prog_name="python -m helpers")


@cache
def forks():
    """Return the context whose processes have imported the program and done nothing.

    Each is a fork of one server and starts at once, where a new interpreter would
    spend seconds on the imports. A fork of the process that runs the tests could hang
    or fail: it lacks the threads that PyTorch has started, for a GPU or more cores.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["helpers.command.train", "sklearn.model_selection"])
    return context


def stop_in_epoch(number, command, how):
    """Start a run, and send it a signal once an epoch's line is there.

    Returns:
        Its exit status and what it wrote to stderr.
    """
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        cwd=Path(__file__).parent,
    ) as process:  # fmt: skip
        for line in process.stdout:
            if line.startswith(f"epoch   {number}"):
                break
        process.send_signal(how)
        _, err = process.communicate(timeout=HANGS)
    return process.returncode, err


def evidence_of(card, figures, date="2026-01-31", **changes):
    """Return what was measured on a card that does not exist.

    Args:
        figures: the lines of each, by key.
    """
    facts = {
        "format": evidence.FORMAT,
        "multiprocessors": 132,
        "memory": 80.0,
        "clock": "1980 MHz",
        "driver": "580.1",
        "cuda": "13.0",
        "torch": "2.11.0",
        "torchvision": "0.26.0",
        "dali": "absent",
        "python": "3.12.3",
        "processor": "Test CPU",
        "cores": 16,
        "overhead": 5.5,
        "caches": "empty at the start",
        "tests": ("test_the_device_is_chosen_by_name",),
        "figures": {
            key: evidence.Measured(date, evidence.FIGURES[key].run, rows)
            for key, rows in figures.items()
        },
    }
    return evidence.Evidence(card=card, **{**facts, **changes})


def free_port() -> int:
    """Return a port that nobody uses at the moment."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]
