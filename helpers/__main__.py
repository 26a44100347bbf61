"""The program as a command: ``python -m helpers train DIR``.

Exit status: 0 done, 1 something outside the program is wrong (one sentence says
what), 2 the command was called wrongly, 130 stopped with Ctrl-C.
"""

import io
import json
import sys
from pathlib import Path
from typing import Any

try:
    import click
except ImportError:  # no command works without it; the doctor needs no package
    from helpers.command.doctor import main as doctor_main

    sys.exit(doctor_main())

from helpers import __version__, magic
from helpers.command.options import (
    checkpoint_options,
    data_options,
    default_out,
    find_data,
    out_option,
    train_options,
)
from helpers.errors import UserError
from helpers.text import printable

INTERRUPTED = 130  # what shells report for a program stopped with Ctrl-C


class Group(click.Group):
    """A command group that turns a :class:`UserError` into one line, status 1."""

    def invoke(self, ctx: click.Context) -> Any:
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):  # a console may lack letters
                stream.reconfigure(errors="backslashreplace")
        try:
            return super().invoke(ctx)
        except (UserError, FloatingPointError) as error:
            click.echo(f"Error: {printable(str(error))}", err=True)
            ctx.exit(1)
        except KeyboardInterrupt:
            click.echo(
                "Stopped; what was saved so far is complete. A stopped training "
                "continues with train --resume.",
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


@main.command()
@train_options
def train(
    folder: Path | None, data: str | None, out: Path | None, **options: Any
) -> None:
    """Train the book's ResNet on an image folder.

    DIR holds one folder of images per class, or train/ and val/ with such folders
    in each. Without splits, a fifth of each class is held out. The checkpoint keeps
    which images were trained on and which were held out.

    The checkpoint is written after every epoch: a run that was stopped or killed
    loses the running epoch at most. Under torchrun several processes train together.
    """
    if options["resume"] and options["overwrite"]:
        raise click.UsageError("Say --resume or --overwrite, not both.")
    root, name = find_data(folder, data)
    from helpers.command.train import train as train_network
    from helpers.distributed import is_main

    if out is None:
        out = default_out(root, name)
        if out.is_absolute() and is_main():
            click.echo(f"The run goes to {out}: no file is written among the images.")
    train_network(root, name, out, **options)


@main.command()
@click.argument("folder", metavar="FOLDER", type=click.Path(path_type=Path))
def new(folder: Path) -> None:
    """Begin a project: a program to train your own classifier with.

    FOLDER is made and must not exist yet. It gets the book's corrected program as
    train.py, which needs PyTorch but nothing of the book, with a README, pinned
    requirements, a small test, and a pre-commit file with the book's checker.
    """
    from helpers.command import new as project

    project.new(folder)
    click.echo(f"{printable(str(folder))} is ready; its README says how to go on.")


@main.command()
@data_options
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
def audit(folder: Path | None, data: str | None, as_json: bool) -> None:
    """List what makes training on a folder go wrong.

    Exit status 1 if there is an error among the findings.
    """
    root, _ = find_data(folder, data)
    from helpers.data.audit import audit as audit_folder
    from helpers.progress import show_progress

    report = audit_folder(root, progress=show_progress())
    text = json.dumps(report.to_dict(), indent=2) if as_json else str(report)
    click.echo(text)
    sys.exit(0 if report.ok else 1)


@main.command()
@data_options
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="Write a manifest, for example manifest.json; the list that sha256sum -c "
    "checks from inside DIR is written beside it, ending in .sha256.",
)
@click.option(
    "--check",
    type=click.Path(path_type=Path),
    help="Compare with this manifest, list what differs, exit status 1 if anything "
    "does.",
)
@click.option(
    "--quick",
    is_flag=True,
    help="Read only files whose size or modification time differ from the manifest's.",
)
def fingerprint(
    folder: Path | None,
    data: str | None,
    out: Path | None,
    check: Path | None,
    quick: bool,
) -> None:
    """Print a fingerprint of a folder; check a manifest.

    It covers their paths and contents: SHA-256 in a defined order.
    """
    from helpers.data.fingerprint import Manifest, compare
    from helpers.data.fingerprint import fingerprint as read_folder
    from helpers.progress import show_progress
    from helpers.writing import beside, require_outside, require_writable

    if quick and not check:
        raise click.UsageError("--quick needs the manifest to --check.")
    root, _ = find_data(folder, data)
    before = Manifest.load(check) if check else None
    if out:
        require_outside(out, root)
        require_writable(out, beside(out, ".sha256"))
    known = before if quick else None
    after = read_folder(root, known=known, progress=show_progress())
    click.echo(after.digest)
    click.echo(str(after))
    if out:
        after.save(out)
    if before is None:
        return
    changes = compare(before, after)
    if any(changes):
        click.echo(f"\nDiffers from {printable(str(check))}:\n{changes}")
        sys.exit(1)
    how = ""
    if quick:
        how = f" by size and modification time; {after.reread:,} files were read"
    click.echo(f"Unchanged since {printable(str(check))}{how}.")


@main.command()
@checkpoint_options
@click.option("--json", "as_json", is_flag=True, help="Print the numbers as JSON.")
def evaluate(subject: Any, **options: Any) -> None:
    """Answer every image once: accuracy, loss, confusion matrix.

    CHECKPOINT is a file of train. DIR must have the same classes.
    """
    from helpers.command import answer

    answer.evaluate(subject, **options)


@main.command()
@checkpoint_options
@out_option(".gradcam.png", "picture")
@click.option(
    "--count", default=12, type=click.IntRange(1, 60), help="So many pictures at most."
)
@click.option(
    "--mistakes", is_flag=True, help="Only wrong answers; else right ones may follow."
)
def explain(subject: Any, **options: Any) -> None:
    """Draw where the network looked, with Grad-CAM.

    The answers with the largest loss are shown.

    CHECKPOINT is a file of train. DIR must have the same classes.
    """
    from helpers.command import answer

    answer.explain(subject, **options)


@main.command()
@checkpoint_options
@out_option(".html", "page")
def report(subject: Any, **options: Any) -> None:
    """Write one HTML page that can be mailed.

    It holds scores, curves, confusion matrix, mistakes, class maps and versions.

    CHECKPOINT is a file of train. DIR must have the same classes.
    """
    from helpers.command import answer

    answer.report(subject, **options)


@main.command()
@checkpoint_options
@out_option(".onnx", "file")
@click.option(
    "--opset",
    default=magic.ONNX_OPSET,
    type=click.IntRange(1),
    help="Version of the ONNX operators; 18 is the lowest that torch writes.",
)
@click.option(
    "--int8",
    is_flag=True,
    help="Write an int8 copy as well, ending in .int8.onnx, calibrated with training "
    "images.",
)
def export(subject: Any, **options: Any) -> None:
    """Write an ONNX file, on request int8, and compare.

    CHECKPOINT is a file of train. DIR must have the same classes.
    """
    from helpers.command import answer

    answer.export_files(subject, **options)


@main.command()
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
def doctor(as_json: bool) -> None:
    """Say what this machine can run, and what it will skip.

    Looks at Python, the packages, GPU, cores, memory, disk, C++ compiler and more.
    Exit status 1 if something is missing that every notebook needs.
    """
    from helpers.command import doctor as checks

    sys.exit(checks.main(as_json))


@main.command()
@click.argument("folder", metavar="FOLDER", type=click.Path(path_type=Path))
@click.option(
    "--out",
    default="grades.csv",
    type=click.Path(path_type=Path),
    help="The table to write: file, exercise, result, message.",
)
@click.option(
    "--seconds",
    default=magic.GRADE_SECONDS,
    type=click.FloatRange(0, min_open=True),
    help="What one notebook may take.",
)
@click.option(
    "--memory",
    default=magic.GRADE_MEMORY_GB,
    type=click.FloatRange(0, min_open=True),
    help="GB of address space that each process of a notebook may take; without "
    "effect on macOS and Windows.",
)
@click.option(
    "--chapters",
    type=click.Path(path_type=Path),
    help="Folder of the original notebooks.  [default: those of the repository]",
)
def grade(folder: Path, out: Path, **options: Any) -> None:
    """Run students' notebooks and collect the results of their exercises.

    FOLDER holds notebooks under any names, in folders or not. Each runs in a process
    of its own, with limits. The checks are those of the original chapters; results
    are passed, wrong, not attempted and error.

    For practice, not for marks. An answer shares a process with its check and can
    fake the result. And this is no sandbox: a notebook runs with your rights and may
    read, delete or send your files. Do not run notebooks of people you do not trust,
    or do so in a container that holds nothing else.
    """
    from helpers.classroom import grading
    from helpers.progress import show_progress

    grading.grade(folder, out, progress=show_progress(), **options)


if __name__ == "__main__":
    main(prog_name="python -m helpers")
