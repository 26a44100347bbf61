"""Measure what the book promises about speed, side by side in one run.

    python tools/bench.py [loader] [loop] [start] [fingerprint] [audit]
                           [predictions] [review] [book] [notebooks]

Rivals are alternated round by round, so that a busy machine slows both alike;
each line is the median with minimum and maximum. Trust ratios, not seconds.
Nothing here is a test: no speed is asserted.
"""

import csv
import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import click
import nbformat
import numpy as np
import torch
from PIL import Image
from torch import nn
from torch.optim import AdamW
from torch.utils.data import DataLoader
from torchvision.datasets import ImageFolder as PillowFolder
from torchvision.transforms import v2

import bench_review
import record
from bench_scale import bench_audit, bench_fingerprint, bench_predictions
from helpers import magic
from helpers.data.images import ToNormalised, train_transform
from helpers.data.loading import ImageFolder, make_loader
from helpers.model.resnet import ResNet
from helpers.training.callbacks import Checkpoint, EarlyStopping, GradientMonitor, Log
from helpers.training.fit import fit
from sidebyside import Rival, alternate, seconds_of, show

MAX_NORM = 1.0
LOOP_ROUNDS = 9  # a step of the ResNet varies by some per cent
RESNET_STEPS, TINY_STEPS = 20, 5000  # a few seconds and half a second an epoch
# --- the loader ------------------------------------------------------------------

PHOTO = (375, 500)  # height, width: about the median of ImageNet
PHOTOS = 600
CROP = 224


def make_photos(root: Path) -> None:
    """Write JPEGs of photograph size: smooth, with some noise, quality 90."""
    rng = np.random.default_rng(0)
    for index in range(PHOTOS):
        steps = rng.normal(0, 6, (*PHOTO, 3))
        pixels = np.clip(np.cumsum(steps, 1) + 128, 0, 255).astype(np.uint8)
        folder = root / str(index % 4)
        folder.mkdir(exist_ok=True)
        Image.fromarray(pixels).save(folder / f"{index}.jpg", quality=90)


def bench_loader() -> None:
    """Images per second, beside torchvision's ImageFolder on Pillow."""
    mean, std = magic.IMAGENET_MEAN, magic.IMAGENET_STD
    pillow_transform = v2.Compose(
        [
            v2.RandomResizedCrop(CROP, magic.CROP_AREA, magic.CROP_RATIO),
            v2.RandomHorizontalFlip(),
            v2.ToImage(),
            v2.ToDtype(torch.float32, scale=True),
            v2.Normalize(mean, std),
        ]
    )
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # else 0 workers measures thread contention (note 2)
    with tempfile.TemporaryDirectory() as root:
        make_photos(Path(root))
        ours = ImageFolder(root, train_transform(CROP, None, None, magic.CROP_AREA))
        pillow = PillowFolder(root, pillow_transform)
        assert ours.samples == pillow.samples  # the same classes, the same order
        normalise = ToNormalised(mean, std)

        def rate(loader: DataLoader) -> float:
            start = time.perf_counter()
            for images, _ in loader:
                assert images.dtype == torch.float32
            return PHOTOS / (time.perf_counter() - start)

        for workers in (0, 1, 2, 4):
            # Workers stay between epochs: their start falls into the first round,
            # which is thrown away.
            theirs = DataLoader(
                pillow,
                magic.BATCH_SIZE,
                num_workers=workers,
                persistent_workers=workers > 0,
            )
            mine = make_loader(ours, train=False, workers=workers, normalise=normalise)
            rivals = {
                "torchvision ImageFolder on Pillow": partial(rate, theirs),
                "helpers.data.loading.make_loader": partial(rate, mine),
            }
            show(
                f"Loading {PHOTOS} JPEGs, {workers} workers",
                "images/s",
                alternate(rivals),
            )
    torch.set_num_threads(threads)


# --- the training loop -----------------------------------------------------------


Epoch = Callable[[nn.Module, list, AdamW, Path], None]


def validate(network: nn.Module, batch: tuple) -> None:
    """What ``fit`` does after an epoch, too."""
    images, targets = batch
    network.eval()
    with torch.inference_mode():
        nn.functional.cross_entropy(network(images), targets).item()


def bare_epoch(network: nn.Module, batches: list, optimizer: AdamW, _: Path) -> None:
    """The six lines that everybody writes, and a validation on one batch."""
    loss_fn = nn.CrossEntropyLoss()
    network.train()
    for images, targets in batches:
        loss = loss_fn(network(images), targets)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    validate(network, batches[0])


def bare_and_kept(
    network: nn.Module, batches: list, optimizer: AdamW, folder: Path
) -> None:
    """The same with clipping, and a checkpoint and a line of a table at the end."""
    loss_fn = nn.CrossEntropyLoss()
    network.train()
    losses = []
    for images, targets in batches:
        loss = loss_fn(network(images), targets)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), MAX_NORM)
        optimizer.step()
        losses.append(loss.detach())
    validate(network, batches[0])
    checkpoint = {"model": network.state_dict(), "optimizer": optimizer.state_dict()}
    torch.save(checkpoint, folder / "bare.pt")
    with open(folder / "bare.csv", "a", newline="") as file:
        csv.writer(file).writerow([1, torch.stack(losses).mean().item()])


def fit_epoch(
    network: nn.Module, batches: list, optimizer: AdamW, _: Path, **more: Any
) -> None:
    """The bare loop through :func:`helpers.training.fit.fit`."""
    fit(
        network, batches, batches[:1], epochs=1, optimizer=optimizer,
        loss_fn=nn.CrossEntropyLoss(), progress=False, **more,
    )  # fmt: skip


def fit_and_kept(
    network: nn.Module, batches: list, optimizer: AdamW, folder: Path
) -> None:
    """Clipping, checkpoint and table through ``fit``."""
    chain = [Log(folder / "fit.csv"), Checkpoint(folder / "fit.pt")]
    fit_epoch(network, batches, optimizer, folder, max_norm=MAX_NORM, callbacks=chain)


def fit_and_watched(
    network: nn.Module, batches: list, optimizer: AdamW, folder: Path
) -> None:
    """``fit`` with all that can be switched on."""
    chain = [
        GradientMonitor("skip"),
        EarlyStopping(patience=1),
        Log(folder / "all.csv"),
        Checkpoint(folder / "all.pt"),
    ]
    fit_epoch(network, batches, optimizer, folder, max_norm=MAX_NORM, callbacks=chain)


def microseconds(
    epoch: Epoch, make_network: Callable[[], nn.Module], batches: list, folder: Path
) -> Rival:
    """Return a rival that trains a fresh network for one epoch: microseconds a step."""

    def rival() -> float:
        torch.manual_seed(0)
        network = make_network()
        optimizer = AdamW(network.parameters(), 1e-3, fused=True)
        epoch(network, batches[:3], optimizer, folder)  # allocates optimiser state
        start = time.perf_counter()
        epoch(network, batches, optimizer, folder)
        return (time.perf_counter() - start) / len(batches) * 1e6

    return rival


def bench_loop() -> None:
    """``fit`` beside a bare loop: same optimiser, data, network and threads."""
    size, classes = magic.IMAGE_SIZE, 6
    images = torch.randn(magic.BATCH_SIZE, 3, size, size)
    targets = torch.randint(0, classes, (magic.BATCH_SIZE,))
    plain: dict[str, Epoch] = {
        "bare loop": bare_epoch,
        "bare loop again (the noise)": bare_epoch,
        "fit": fit_epoch,
    }
    kept: dict[str, Epoch] = {
        "bare loop, clip, checkpoint, CSV": bare_and_kept,
        "the same again (the noise)": bare_and_kept,
        "fit, clip, checkpoint, CSV": fit_and_kept,
    }
    resnet = (
        lambda: ResNet(classes),
        [(images, targets)] * RESNET_STEPS,
    )
    linear = (
        lambda: nn.Linear(16, 2),
        [(torch.randn(8, 16), torch.randint(0, 2, (8,)))] * TINY_STEPS,
    )
    everything: dict[str, Epoch] = plain | {"fit, all monitors": fit_and_watched}
    for title, (make_network, batches), epochs in (
        (f"The ResNet, {size}x{size}, batch {magic.BATCH_SIZE}", resnet, everything),
        ("A linear model, batch 8: the loop itself", linear, plain),
        ("The linear model, with what a run keeps", linear, kept),
    ):
        with tempfile.TemporaryDirectory() as folder:
            rivals = {
                name: microseconds(epoch, make_network, batches, Path(folder))
                for name, epoch in epochs.items()
            }
            show(title, "microseconds a step", alternate(rivals, LOOP_ROUNDS))


# --- start-up, book, notebooks ---------------------------------------------------


def bench_start() -> None:
    """``import helpers`` beside ``import torch``."""
    python = (sys.executable, "-c")
    rivals = {
        "import torch": seconds_of(*python, "import torch"),
        "import torch, helpers": seconds_of(*python, "import torch, helpers"),
    }
    show("Start-up", "seconds", alternate(rivals))


def bench_book() -> None:
    """``make book`` when nothing has changed."""
    rivals = {"make book, nothing changed": seconds_of("make", "--silent", "book")}
    show("Building the book", "seconds", alternate(rivals))


def bench_notebooks() -> None:
    """Execute every notebook once, without storing anything."""
    print("\nNotebooks (seconds, one run each)")
    for path in record.notebooks():
        notebook = nbformat.read(path, as_version=4)
        seconds = record.execute(notebook, path.parent)
        print(f"  {path.stem:<42} {seconds:9.1f}")


BENCHES = {
    "loader": bench_loader,
    "loop": bench_loop,
    "start": bench_start,
    "fingerprint": bench_fingerprint,
    "audit": bench_audit,
    "predictions": bench_predictions,
    "review": bench_review.bench_all,
    "book": bench_book,
    "notebooks": bench_notebooks,
}


@click.command()
@click.argument("names", nargs=-1, type=click.Choice(list(BENCHES)))
def main(names: tuple[str, ...]) -> None:
    """Measure speeds side by side; all of them by default."""
    print(
        f"Python {platform.python_version()}, torch {torch.__version__}, "
        f"{os.cpu_count()} cores, {torch.get_num_threads()} threads"
    )
    for name in names or BENCHES:
        BENCHES[name]()


if __name__ == "__main__":
    main()
