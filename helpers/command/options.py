"""What the commands take: options and arguments, in the words of their help."""

from collections.abc import Callable
from dataclasses import fields
from functools import reduce, wraps
from pathlib import Path
from typing import Any

import click

from helpers.command.settings import Settings

NAMED = ("solids", "elpv")  # data sets known by name
WORKERS = click.option(
    "--workers",
    default=0,
    type=click.IntRange(0),
    help="Processes that read images ahead; measure before you raise it.",
)
DEVICE = click.option(
    "--device", help="cpu, cuda, mps, ...; the fastest there is by default."
)
TRAIN_OPTIONS = (
    WORKERS,
    DEVICE,
    click.option(
        "--out",
        type=click.Path(path_type=Path),
        help="The checkpoint to write; the log is written beside it, ending in .csv.  "
        "[default: runs/NAME.pt, or beside DIR where that would lie in DIR]",
    ),
    click.option(
        "--resume",
        is_flag=True,
        help="Continue the run of the checkpoint, if there is one: repeat the command "
        "that started it, with --resume.",
    ),
    click.option(
        "--overwrite", is_flag=True, help="Replace the checkpoint, if there is one."
    ),
)


def train_options(command: Callable) -> Callable:
    """Add what ``train`` takes; each field of :class:`Settings` is an option.

    The command itself gets them as ``settings``.
    """

    @wraps(command)
    def with_settings(**options: Any) -> Any:
        chosen = {field.name: options.pop(field.name) for field in fields(Settings)}
        return command(settings=Settings(**chosen), **options)

    of_settings = (
        click.option(
            f"--{field.name.replace('_', '-')}", default=field.default, **field.metadata
        )
        for field in fields(Settings)
    )
    adding = [data_options, *of_settings, *TRAIN_OPTIONS]
    return reduce(lambda inner, add: add(inner), reversed(adding), with_settings)


def out_option(ending: str, what: str) -> Callable:
    """Return ``--out``, for a file beside the checkpoint by default."""
    return click.option(
        "--out",
        type=click.Path(path_type=Path),
        help=f"The {what} to write.  [default: CHECKPOINT, ending in {ending}]",
    )


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


def checkpoint_options(command: Callable) -> Callable:
    """Add what every command takes that answers images with a trained network.

    The command itself gets a :class:`helpers.command.answer.Subject`.
    """
    checkpoint = click.argument("checkpoint", type=click.Path(path_type=Path))
    split = click.option(
        "--split",
        type=click.Choice(["train", "val", "test", "all"]),
        help="Which images. By default those that the run held out; in a folder with "
        "other images than the run's, its validation split, or every image.",
    )

    @wraps(command)
    def examine(
        checkpoint: Path,
        folder: Path | None,
        data: str | None,
        split: Any,
        device: str | None,
        workers: int,
        **options: Any,
    ) -> None:
        root, name = find_data(folder, data)
        from helpers.command.answer import Subject

        subject = Subject(checkpoint, root, name, split, device, workers)
        command(subject, **options)

    return checkpoint(data_options(split(DEVICE(WORKERS(examine)))))


def default_out(root: Path, name: str) -> Path:
    """Return where ``train`` writes its checkpoint: never into the image folder."""
    out = Path("runs") / f"{name}.pt"
    inside = root.resolve() in out.absolute().resolve().parents
    return root.resolve().parent / out if inside else out


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
        folder = folder.expanduser()
        return folder, folder.resolve().name
    if data == "elpv":
        from helpers.data import elpv

        click.echo(elpv.LICENCE, err=True)
        return elpv.elpv_root(), data
    from helpers.data import solids

    return solids.solids_root(), "solids"
