"""The program as a command: ``python -m helpers train DIR``.

Exit status: 0 done, 1 something outside the program is wrong (one sentence says
what), 2 the command was called wrongly, 130 stopped with Ctrl-C.
"""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from helpers import __version__, magic
from helpers.errors import UserError

NAMED = ("solids", "elpv")  # data sets known by name
INTERRUPTED = 130  # what shells report for a program stopped with Ctrl-C


class Group(click.Group):
    """A command group that turns a :class:`UserError` into one line, status 1."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (UserError, FloatingPointError) as error:
            click.echo(f"Error: {error}", err=True)
            ctx.exit(1)
        except KeyboardInterrupt:
            click.echo(
                "Stopped; what was saved so far is complete, and train --resume "
                "continues from it.",
                err=True,
            )
            ctx.exit(INTERRUPTED)


@click.group(
    cls=Group,
    context_settings={"help_option_names": ["-h", "--help"], "show_default": True},
)
@click.version_option(__version__, prog_name="helpers")
def main() -> None:
    """Train and examine an image classifier, every number of it explained."""


def data_options(command: Callable) -> Callable:
    """Add what every command that reads images takes: a folder or a name."""
    name = click.option(
        "--data",
        type=click.Choice(NAMED),
        help="A known data set instead of DIR: the shipped rendered solids, or "
        "photographs of solar cells (package elpv-dataset, CC BY-NC-SA 4.0).",
    )
    folder = click.argument(
        "folder", metavar="[DIR]", required=False, type=click.Path(path_type=Path)
    )
    return folder(name(command))


def find_data(folder: Path | None, data: str | None) -> tuple[Path, str]:
    """Return the image folder that the options mean, and its name.

    Raises:
        click.UsageError: if neither or both are given.
    """
    if (folder is None) == (data is None):
        raise click.UsageError(
            "Name a folder of images, or a data set with --data (not both)."
        )
    if folder is not None:
        return folder, folder.resolve().name
    if data == "elpv":
        from helpers import elpv

        click.echo(elpv.LICENCE, err=True)
        return elpv.elpv_root(), data
    from helpers import solids

    return solids.solids_root(), "solids"


@main.command()
@data_options
@click.option(
    "--epochs",
    default=magic.EPOCHS,
    type=click.IntRange(1),
    help="Passes over the training images.",
)
@click.option(
    "--size",
    default=magic.IMAGE_SIZE,
    type=click.IntRange(8),
    help="Side of the network's input in pixels.",
)
@click.option(
    "--width",
    default=magic.WIDTH,
    type=click.IntRange(1),
    help="Channels of the network's first stage; the last has eight times as many.",
)
@click.option(
    "--batch-size",
    default=magic.BATCH_SIZE,
    type=click.IntRange(2),
    help="Images that go through the network at once, all processes together.",
)
@click.option(
    "--lr",
    default=magic.MAX_LR,
    type=click.FloatRange(0, min_open=True),
    help="Peak learning rate of the one-cycle schedule.",
)
@click.option(
    "--accumulate",
    default=1,
    type=click.IntRange(1),
    help="Batches per optimiser step, for batches that do not fit into memory.",
)
@click.option(
    "--max-norm",
    default=None,
    type=click.FloatRange(0, min_open=True),
    help="Clip the norm of the gradients to this; off by default.",
)
@click.option(
    "--precision",
    default="float32",
    type=click.Choice(["float32", "bfloat16", "float16"]),
    help="Of the forward pass; the weights stay float32.",
)
@click.option(
    "--patience",
    default=None,
    type=click.IntRange(1),
    help="Stop after so many epochs without a better validation loss, and keep the "
    "best weights; off by default.",
)
@click.option(
    "--workers",
    default=0,
    type=click.IntRange(0),
    help="Processes that read images ahead; measure before you raise it.",
)
@click.option(
    "--seed",
    default=0,
    type=click.IntRange(0),
    help="Of the split, the weights, the order and the crops.",
)
@click.option(
    "--device",
    default=None,
    help="cpu, cuda, mps, ...; the fastest there is by default.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="The checkpoint to write; the log is written beside it, ending in .csv.  "
    "[default: runs/NAME.pt]",
)
@click.option(
    "--resume",
    is_flag=True,
    help="Continue the run of the checkpoint, if there is one: repeat the command "
    "that started it, with --resume.",
)
@click.option(
    "--overwrite", is_flag=True, help="Replace the checkpoint, if there is one."
)
def train(
    folder: Path | None, data: str | None, out: Path | None, **options: Any
) -> None:
    """Train the book's ResNet on an image folder.

    DIR holds one folder of images per class, or train/ and val/ with such folders
    in each. Without val/, a fifth of each class is held out.

    The checkpoint is written after every epoch: a run that was stopped or killed
    loses the running epoch at most. Under torchrun several processes train together.
    """
    if options["resume"] and options["overwrite"]:
        raise click.UsageError("Say --resume or --overwrite, not both.")
    root, name = find_data(folder, data)
    from helpers import program

    program.train(root, name, out or Path("runs") / f"{name}.pt", **options)


@main.command()
@data_options
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
def audit(folder: Path | None, data: str | None, as_json: bool) -> None:
    """Report everything in an image folder that makes training go wrong.

    Exit status 1 if there is an error among the findings.
    """
    root, _ = find_data(folder, data)
    from helpers.audit import audit as audit_folder
    from helpers.training import show_progress

    report = audit_folder(root, progress=show_progress())
    text = json.dumps(report.to_dict(), indent=2) if as_json else str(report)
    click.echo(text)
    sys.exit(0 if report.ok else 1)


if __name__ == "__main__":
    main(prog_name="python -m helpers")
