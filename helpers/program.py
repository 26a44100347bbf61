"""The annotated program in one piece: what ``python -m helpers train`` does.

Every line that one of the notes protects says so.
"""

from pathlib import Path
from typing import Any

import click
import torch
from torch import nn
from torch.optim import AdamW
from torch.optim.lr_scheduler import OneCycleLR

from helpers import data, evaluation, magic, model, training
from helpers.errors import UserError


def choose_device(name: str | None) -> torch.device:
    """Return the named device, or the fastest there is.

    Raises:
        UserError: if there is no such device here.
    """
    if name is None:
        accelerator = torch.accelerator.current_accelerator(check_available=True)
        return accelerator or torch.device("cpu")
    try:
        device = torch.device(name)
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        raise UserError(
            f"This machine has no device {name!r}: leave --device out, or say cpu."
        ) from error
    return device


def train(
    root: Path,
    name: str,
    out: Path,
    *,
    epochs: int,
    size: int,
    width: int,
    batch_size: int,
    lr: float,
    workers: int,
    seed: int,
    device: str | None,
) -> list[training.Epoch]:
    """Train on ``root``, print one line per epoch and write ``out`` after each.

    Args:
        root: an image folder, see :func:`helpers.data.open_splits`.
        name: the data set's name, kept in the checkpoint.
        out: the checkpoint; it is always complete.
        size: side of the network's input in pixels.
        lr: peak learning rate.
        workers: processes that read ahead.
        device: a name, or ``None`` for the fastest.

    Raises:
        UserError: if the folder, the device or ``out`` cannot be used.
    """
    training.require_writable(out)
    target = choose_device(device)
    training.seed_everything(seed)
    splits = data.open_splits(root, seed=seed)
    classes = splits.train.classes  # the order of the logits (note 11)
    mean, std = data.channel_statistics(splits.train, size=size)
    # Crops stay bytes until whole batches are normalised, the same for both (U1).
    splits.train.transform = data.train_transform(size, None, None)
    splits.val.transform = data.eval_transform(size, None, None)
    loading: dict[str, Any] = {
        "workers": workers,
        "seed": seed,
        "pin_memory": target.type == "cuda",
        "normalise": data.ToNormalised(mean, std).to(target),
    }
    train_loader = data.make_loader(splits.train, batch_size, train=True, **loading)
    val_loader = data.make_loader(splits.val, batch_size, train=False, **loading)

    network = model.ResNet(len(classes), width=width).to(target)
    optimizer = AdamW(
        network.parameters(), lr, weight_decay=magic.WEIGHT_DECAY, fused=True
    )
    # One cycle counts steps, so it is stepped per batch (note 6).
    scheduler = OneCycleLR(
        optimizer,
        lr,
        total_steps=epochs * len(train_loader),
        pct_start=magic.WARM_UP_SHARE,
    )
    # Logits go in, no softmax before (note 5); smoothing in training only (U3).
    loss_fn = nn.CrossEntropyLoss(label_smoothing=magic.LABEL_SMOOTHING)
    parameters = model.count_parameters(network)
    click.echo(
        f"{name}: {len(splits.train):,} training and {len(splits.val):,} validation "
        f"images of {len(classes)} classes; {parameters:,} parameters on {target}"
    )

    def after_epoch(epoch: training.Epoch) -> None:
        click.echo(str(epoch))
        checkpoint = {
            "model": network.state_dict(),
            "model_args": {"num_classes": len(classes), "width": width},
            "classes": classes,
            "size": size,
            "mean": mean,
            "std": std,
            "data": name,
            "seed": seed,
            "epoch": epoch.number,
            "val_accuracy": epoch.val_accuracy,
        }
        training.save_checkpoint(out, checkpoint)

    history = training.fit(
        network,
        train_loader,
        val_loader,
        epochs=epochs,
        optimizer=optimizer,
        loss_fn=loss_fn,
        scheduler=scheduler,
        device=target,
        on_epoch=after_epoch,
    )
    answers = evaluation.collect(network, val_loader, target)
    majority = answers.targets.bincount().max().item() / len(answers.targets)
    click.echo(
        f"\nValidation accuracy {answers.accuracy:.3f}; always answering the most "
        f"frequent class gives {majority:.3f}.\n"
    )
    click.echo(evaluation.confusion_table(answers, classes))
    click.echo(f"\nCheckpoint: {out}")
    return history
