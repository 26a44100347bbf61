"""What a training run is made with: every number once, from the command line on."""

from dataclasses import dataclass, field
from typing import Any, Literal

import click

from helpers import magic


def option(default: Any, kind: click.ParamType, text: str) -> Any:
    """Return a field that is also an option of ``train``.

    Args:
        kind: checks what is given on the command line.
        text: the option's help.
    """
    return field(default=default, metadata={"type": kind, "help": text})


@dataclass(frozen=True)
class Settings:
    """What a training run is made with; a resumed run must have the same.

    Each field is an option of ``train``, which :mod:`helpers.command.options` makes
    of it, and an entry of the checkpoint.
    """

    epochs: int = option(
        magic.EPOCHS, click.IntRange(1), "Passes over the training images."
    )
    size: int = option(
        magic.IMAGE_SIZE, click.IntRange(8), "Side of the network's input in pixels."
    )
    width: int = option(
        magic.WIDTH,
        click.IntRange(1),
        "Channels of the network's first stage; the last has eight times as many.",
    )
    batch_size: int = option(
        magic.BATCH_SIZE,
        click.IntRange(2),
        "Images that go through the network at once, all processes together.",
    )
    lr: float = option(
        magic.MAX_LR,
        click.FloatRange(0, min_open=True),
        "Peak learning rate of the one-cycle schedule.",
    )
    accumulate: int = option(
        1,
        click.IntRange(1),
        "Batches per optimiser step, for batches that do not fit into memory.",
    )
    max_norm: float | None = option(
        None,
        click.FloatRange(0, min_open=True),
        "Clip the norm of the gradients to this; off by default.",
    )
    precision: Literal["float32", "bfloat16", "float16"] = option(
        "float32",
        click.Choice(["float32", "bfloat16", "float16"]),
        "Of the forward pass; the weights stay float32.",
    )
    patience: int | None = option(
        None,
        click.IntRange(1),
        "Stop after so many epochs without a better validation loss, and keep the "
        "best weights; off by default.",
    )
    seed: int = option(
        0, click.IntRange(0), "Of the split, the weights, the order and the crops."
    )
