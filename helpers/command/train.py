"""The annotated program in one piece: what ``python -m helpers train`` does.

Every line that one of the notes protects says so.
"""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
from torch import nn
from torch.optim import AdamW
from torch.optim.lr_scheduler import OneCycleLR

from helpers import distributed, magic
from helpers.command.settings import Settings
from helpers.data import halves
from helpers.data.halves import Contents, Halves
from helpers.data.images import ToNormalised, eval_transform, train_transform
from helpers.data.loading import channel_statistics, make_loader, open_splits
from helpers.devices import choose_device
from helpers.distributed import is_main
from helpers.errors import UserError
from helpers.evaluation.predictions import collect, confusion_table, require_finite
from helpers.model.checkpoint import load_checkpoint
from helpers.model.resnet import ResNet, count_parameters
from helpers.progress import show_progress
from helpers.randomness import seed_everything
from helpers.text import differences, few, printable
from helpers.training.callbacks import (
    Callback,
    Checkpoint,
    EarlyStopping,
    GradientMonitor,
    Log,
    Report,
)
from helpers.training.fit import Epoch, fit
from helpers.writing import beside, require_outside, require_writable


def earlier_run(
    out: Path,
    made_with: dict[str, Any],
    root: Path,
    *,
    resume: bool,
    overwrite: bool,
    progress: bool = False,
) -> tuple[dict[str, Any] | None, list[str]]:
    """Return the checkpoint to continue from, or ``None`` to start from nothing.

    Args:
        out: where the run writes its checkpoint, with the log beside it.
        made_with: what must be the same for the run to be one run.
        root: the image folder, which must hold the run's images as they were.
        resume: continue if there is a checkpoint.
        overwrite: start anew although there is one.
        progress: show a bar while images are read.

    Returns:
        The checkpoint, and the images that are new and in neither half.

    Raises:
        UserError: if there is one and neither was asked for, if it is of another run
            or not to be used, or if there is a file in the log's place without one.
    """
    log = beside(out, ".csv")
    if not out.exists() and log.exists() and not overwrite:
        raise UserError(
            f"{log} exists without {out}, and the log would replace it: move it away, "
            "replace it with --overwrite, or choose another place with --out."
        )
    if not out.exists() or overwrite:
        return None, []
    if not resume:
        raise UserError(
            f"{out} exists: continue its run with --resume, replace it with "
            "--overwrite, or choose another file with --out."
        )
    checkpoint = load_checkpoint(out)
    before = checkpoint.get("settings", {})
    run = Halves.of_run(checkpoint)
    for name, value in made_with.items():
        if run is not None and name in ("data", "images"):
            continue  # the files themselves are compared
        if name not in before or before[name] != value:
            was, now = before.get(name, "unknown"), f"not {value}"
            if name == "classes" and name in before:
                parts = " and ".join(differences(was, value))
                was, now = few(was), f"but {root} {parts}"
            raise UserError(
                f"{out} is of a run with {name.replace('_', ' ')} {was}, {now}: "
                "--resume continues a run as it was started."
            )
    here = Contents(root, progress=progress)
    if run is not None:
        return checkpoint, run.require_unchanged(here)
    if not here.splits:
        raise UserError(
            f"{out} does not say which images its run held out, as those of earlier "
            "versions: --resume cannot continue it, so start anew with --overwrite."
        )
    return checkpoint, []


def train(
    root: Path,
    name: str,
    out: Path,
    settings: Settings,
    *,
    workers: int = 0,
    device: str | None = None,
    resume: bool = False,
    overwrite: bool = False,
) -> list[Epoch]:
    """Train on ``root``, print one line per epoch and write ``out`` after each.

    Args:
        root: an image folder, see :func:`helpers.data.loading.open_splits`.
        name: the data set's name, kept in the checkpoint.
        out: the checkpoint, outside ``root``; it is always complete, and it keeps
            which images were trained on and which were held out. The log lies beside
            it, with the ending ``.csv``.
        workers: processes that read ahead, for each process that trains.
        device: a name, or ``None`` for the fastest.
        settings: what the run is made with, kept in the checkpoint.
        resume: continue the run of ``out``, if it exists.
        overwrite: replace ``out``, if it exists.

    Raises:
        UserError: if the folder, the device or ``out`` cannot be used.
    """
    log = beside(out, ".csv")
    require_outside(out, root)
    if is_main():
        require_writable(out, log)
    world = distributed.world()
    say = click.echo if is_main() else _say_nothing
    world.share_of(settings.batch_size)  # refused before any image is read
    target = choose_device(device, world.local_rank if world.size > 1 else None)
    splits = open_splits(root, seed=settings.seed)
    classes = splits.train.classes  # the order of the logits (note 11)
    made_with = {
        "data": name,
        "classes": classes,
        "images": len(splits.train),
        **asdict(settings),
    }
    earlier: dict[str, Any] | None = None
    about: dict[str, Any] = {}
    if is_main():  # the others get it from here: their disk may be another
        bar = show_progress()
        earlier, new = earlier_run(
            out, made_with, root, resume=resume, overwrite=overwrite, progress=bar
        )
        if new:
            say(
                f"{printable(str(root))}: {len(new):,} images are new since the run "
                f"began and belong to neither half ({few(new)})"
            )
        if earlier is None:
            about[halves.KEY] = halves.record(root, splits, progress=bar).state()
    with distributed.session(target):
        earlier = distributed.from_first(earlier)
        if earlier is not None and (run := Halves.of_run(earlier)):
            splits = run.open(root)  # drawn anew, they could be others
            made_with["images"] = len(splits.train)
            about[halves.KEY] = earlier[halves.KEY]
        size, seed, epochs = settings.size, settings.seed, settings.epochs
        mean, std = channel_statistics(splits.train, size=size)
        # Crops stay bytes until whole batches are normalised, the same for both (U1).
        splits.train.transform = train_transform(size, None, None)
        splits.val.transform = eval_transform(size, None, None)
        loading: dict[str, Any] = {
            "workers": workers,
            "seed": seed,
            "pin_memory": target.type == "cuda",
            "normalise": ToNormalised(mean, std).to(target),
            "world": world,
        }
        train_loader = make_loader(
            splits.train, settings.batch_size, train=True, **loading
        )
        val_loader = make_loader(
            splits.val, settings.batch_size, train=False, **loading
        )

        seed_everything(seed)  # the same first weights in every process
        network = ResNet(len(classes), width=settings.width).to(target)
        seed_everything(seed + world.rank)  # what they draw later differs
        optimizer = AdamW(
            network.parameters(),
            settings.lr,
            weight_decay=magic.WEIGHT_DECAY,
            fused=True,
        )
        # One cycle counts steps, so it is stepped per step (note 6).
        scheduler = OneCycleLR(
            optimizer,
            settings.lr,
            total_steps=epochs * -(-len(train_loader) // settings.accumulate),
            pct_start=magic.WARM_UP_SHARE,
        )
        # Logits go in, no softmax before (note 5); smoothing in training only (U3).
        loss_fn = nn.CrossEntropyLoss(label_smoothing=magic.LABEL_SMOOTHING)
        parameters = count_parameters(network)
        say(
            f"{printable(name)}: {len(splits.train):,} training and "
            f"{len(splits.val):,} validation images of {len(classes)} classes; "
            f"{parameters:,} parameters on {target}"
            + (f", {world.size} processes" if world.size > 1 else "")
        )
        if earlier is not None:
            say(
                f"{printable(str(out))}: {earlier['epoch']} of {epochs} epochs are done"
            )
        about |= {
            "settings": made_with,
            "model_args": {"num_classes": len(classes), "width": settings.width},
            "class_to_idx": splits.train.class_to_idx,
            "size": size,
            "mean": mean,
            "std": std,
            "data": name,
            "seed": seed,
        }
        callbacks: list[Callback] = [GradientMonitor()]  # stops at a NaN (note 7)
        if settings.patience is not None:
            callbacks.append(EarlyStopping(patience=settings.patience))
        callbacks += [
            Checkpoint(out, about),
            Log(log),  # after the file that it can be written from again
            Report(click.echo),
        ]
        history = fit(
            distributed.wrap(network, target),
            train_loader,
            val_loader,
            epochs=epochs,
            optimizer=optimizer,
            loss_fn=loss_fn,
            scheduler=scheduler,
            schedule_per="step",
            device=target,
            precision=settings.precision,
            accumulate=settings.accumulate,
            max_norm=settings.max_norm,
            callbacks=callbacks,
            resume=earlier,
        )
        answers = collect(network, val_loader, target)
    require_finite(answers, "The trained network")
    say(
        f"\nValidation accuracy {answers.accuracy:.3f}; always answering the most "
        f"frequent class gives {answers.majority:.3f}.\n"
    )
    say(confusion_table(answers, classes))
    say("")
    say(printable(f"Checkpoint: {out}   log: {log}"))
    return history


def _say_nothing(_: str) -> None:
    """Print in one process, not in all."""
